//! Which role each method takes: the one place that says so. A method that isn't listed can't be called.

use crate::domain::Role;
use Role::{Admin, Moderator, Submitter};

/// What is needed to call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Method {
    /// Its path.
    path: &'static str,
    /// The lowest role that may call it.
    pub(super) needed: Role,
    /// Whether it answers with a stream, which ends with the token.
    pub(super) streams: bool,
    /// Whether it is also for tokens that every reader can see.
    pub(super) is_public: bool,
}

const fn plain(path: &'static str, needed: Role) -> Method {
    Method { path, needed, streams: false, is_public: false }
}

const fn stream(path: &'static str, needed: Role) -> Method {
    Method { path, needed, streams: true, is_public: false }
}

/// A method that tells nothing of what others wrote, and keeps nothing.
const fn public(path: &'static str, needed: Role) -> Method {
    Method { path, needed, streams: false, is_public: true }
}

/// All methods.
const METHODS: &[Method] = &[
    plain("/ombud.v1.ModerationService/SubmitComment", Submitter),
    stream("/ombud.v1.ModerationService/SubmitComments", Submitter),
    public("/ombud.v1.ModerationService/ScoreText", Submitter),
    plain("/ombud.v1.ModerationService/GetComment", Submitter),
    plain("/ombud.v1.ModerationService/ListComments", Submitter),
    plain("/ombud.v1.ReviewService/ListQueues", Moderator),
    plain("/ombud.v1.ReviewService/SetQueue", Admin),
    plain("/ombud.v1.ReviewService/DeleteQueue", Admin),
    plain("/ombud.v1.ReviewService/ListReviewItems", Moderator),
    plain("/ombud.v1.ReviewService/GetReviewItem", Moderator),
    plain("/ombud.v1.ReviewService/ClaimNext", Moderator),
    plain("/ombud.v1.ReviewService/RenewClaim", Moderator),
    plain("/ombud.v1.ReviewService/ReleaseClaim", Moderator),
    plain("/ombud.v1.ReviewService/SkipItem", Moderator),
    plain("/ombud.v1.ReviewService/SettleItem", Moderator),
    plain("/ombud.v1.ReviewService/SettleMany", Moderator),
    plain("/ombud.v1.ReviewService/ListCampaigns", Moderator),
    plain("/ombud.v1.ReviewService/ListCampaignComments", Moderator),
    plain("/ombud.v1.ReviewService/SetCampaignRule", Moderator),
    plain("/ombud.v1.ReviewService/EscalateItem", Moderator),
    plain("/ombud.v1.ReviewService/AddNote", Moderator),
    plain("/ombud.v1.ReviewService/UndoAction", Moderator),
    plain("/ombud.v1.ReviewService/GetHistory", Moderator),
    plain("/ombud.v1.ReviewService/EraseComment", Admin),
    plain("/ombud.v1.ReviewService/EraseAuthor", Admin),
    plain("/ombud.v1.ReviewService/GetQualityReport", Moderator),
    plain("/ombud.v1.ReviewService/ExplainComment", Moderator),
    // What readers and authors ask for, their site's front end passes on.
    plain("/ombud.v1.ReviewService/ReportComment", Submitter),
    plain("/ombud.v1.ReviewService/AppealDecision", Submitter),
    stream("/ombud.v1.ReviewService/WatchQueue", Moderator),
    // A site's front end learns of verdicts from it.
    stream("/ombud.v1.ReviewService/WatchEvents", Submitter),
    plain("/ombud.v1.PolicyService/GetPolicy", Moderator),
    plain("/ombud.v1.PolicyService/ListPolicyVersions", Moderator),
    plain("/ombud.v1.PolicyService/SetPolicy", Admin),
    plain("/ombud.v1.PolicyService/RestorePolicy", Admin),
    stream("/ombud.v1.PolicyService/SimulatePolicy", Admin),
    plain("/ombud.v1.ModelService/ListModels", Admin),
    plain("/ombud.v1.ModelService/GetModel", Admin),
    plain("/ombud.v1.ModelService/UploadModel", Admin),
    stream("/ombud.v1.ModelService/DownloadModel", Admin),
    plain("/ombud.v1.ModelService/PromoteModel", Admin),
    plain("/ombud.v1.ModelService/RollbackModel", Admin),
    plain("/ombud.v1.ModelService/SetShadow", Admin),
    plain("/ombud.v1.ModelService/RemoveModel", Admin),
    plain("/ombud.v1.ModelService/CompareModels", Admin),
    stream("/ombud.v1.ModelService/ExportLabels", Admin),
    plain("/ombud.v1.ModelService/ImportLabels", Admin),
    stream("/ombud.v1.ModelService/RescoreComments", Admin),
    plain("/ombud.v1.AdminService/CreateToken", Admin),
    plain("/ombud.v1.AdminService/ListTokens", Admin),
    plain("/ombud.v1.AdminService/RevokeToken", Admin),
    plain("/ombud.v1.AdminService/GetJournalHead", Admin),
];

/// Services that need no token: they tell nothing of comments, and load balancers and tools have none.
const OPEN: [&str; 3] =
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// Whoever calls is let in.
    Open,
    /// A method that takes a role.
    Of(Method),
    /// Nothing.
    None,
}

/// Finds out what a path leads to.
pub(super) fn door(path: &str) -> Door {
    if let Some(method) = METHODS.iter().find(|method| method.path == path) {
        Door::Of(*method)
    } else if OPEN.iter().any(|service| path.starts_with(service)) {
        Door::Open
    } else {
        Door::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::pb;
    use prost::Message as _;
    use prost_types::FileDescriptorSet;
    use std::collections::BTreeSet;

    #[test]
    fn every_method_of_the_descriptors_takes_a_role() {
        let descriptors = FileDescriptorSet::decode(pb::FILE_DESCRIPTOR_SET).unwrap();
        let own = descriptors.file.iter().filter(|file| file.package() == "ombud.v1");
        let described: BTreeSet<(String, bool)> = own
            .flat_map(|file| &file.service)
            .flat_map(|service| service.method.iter().map(move |method| (service, method)))
            .map(|(service, method)| {
                (format!("/ombud.v1.{}/{}", service.name(), method.name()), method.server_streaming())
            })
            .collect();
        let listed: BTreeSet<_> = METHODS.iter().map(|method| (method.path.to_owned(), method.streams)).collect();
        assert_eq!(listed, described);
        assert_eq!(METHODS.len(), listed.len(), "each once");
    }

    #[test]
    fn a_token_that_every_reader_sees_scores_and_does_nothing_else() {
        let public: Vec<&str> = METHODS.iter().filter(|method| method.is_public).map(|method| method.path).collect();
        assert_eq!(public, ["/ombud.v1.ModerationService/ScoreText"]);
    }

    #[test]
    fn only_health_and_reflection_are_open() {
        assert_eq!(door("/grpc.health.v1.Health/Check"), Door::Open);
        assert_eq!(door("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"), Door::Open);
        for path in ["/", "/grpc.health.v1.HealthX/Check", "/ombud.v1.ReviewService/Settle", "/ombud.v1.ReviewService/"]
        {
            assert_eq!(door(path), Door::None, "{path}");
        }
    }
}
