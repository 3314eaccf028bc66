//! An operator looks whether the server is well, and loads it.

use crate::support::{TestServer, comment, get};
use std::collections::HashSet;
use tokio::task::JoinSet;
use tonic::{Code, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_types::StatusExt as _;

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_for_the_server_and_the_service() {
    let server = TestServer::start().await;
    let channel = Channel::from_shared(server.url.clone()).unwrap().connect().await.unwrap();
    let mut health = HealthClient::new(channel);
    for service in ["", "ombud.v1.ModerationService"] {
        let request = HealthCheckRequest { service: service.into() };
        let status = health.check(request).await.unwrap().into_inner().status();
        assert_eq!(status, ServingStatus::Serving, "{service:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_lists_the_services_in_both_versions() {
    use tonic_reflection::pb::{v1, v1alpha};
    let server = TestServer::start().await;
    let channel = Channel::from_shared(server.url.clone()).unwrap().connect().await.unwrap();

    let request = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1::server_reflection_request::MessageRequest::ListServices(String::new())),
    };
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(channel.clone());
    let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response.unwrap();
    let v1::server_reflection_response::MessageResponse::ListServicesResponse(listed) = answer else {
        panic!("{answer:?}")
    };
    let listed: HashSet<_> = listed.service.into_iter().map(|service| service.name).collect();
    assert!(listed.contains("ombud.v1.ModerationService") && listed.contains("grpc.health.v1.Health"), "{listed:?}");

    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
            "ombud.v1.ModerationService".into(),
        )),
    };
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(channel);
    let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response.unwrap();
    assert!(matches!(answer, v1alpha::server_reflection_response::MessageResponse::FileDescriptorResponse(_)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_load_is_refused_with_a_hint_and_what_was_acknowledged_stays() {
    let server = TestServer::start_with("[store]\nqueue_max = 1\nbatch_max = 1").await;
    let client = server.client().await;
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    // One round may happen to fit; many don't.
    for round in 0..50 {
        let mut calls = JoinSet::new();
        for number in 0..200 {
            let (mut client, id) = (client.clone(), format!("c{round}-{number}"));
            calls.spawn(async move { (client.submit_comment(comment("rush", &id, "Me too.")).await, id) });
        }
        while let Some(Ok((answer, id))) = calls.join_next().await {
            match answer {
                Ok(_) => acknowledged.push(id),
                Err(status) => {
                    assert_eq!(status.code(), Code::ResourceExhausted);
                    assert_eq!(status.get_details_error_info().unwrap().reason, "WRITER_QUEUE_FULL");
                    assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
                    refused += 1;
                }
            }
        }
        if refused > 0 {
            break;
        }
    }
    assert!(refused > 0 && !acknowledged.is_empty());
    let mut client = client;
    for id in &acknowledged {
        get(&mut client, id).await.unwrap();
    }
    server.stop().await;
}
