//! `ombud token`: who may use a server, running or stopped.

use super::client::{Refused, block_on, connect_to_admin};
use super::failure::RefusedHere;
use super::progress::Bar;
use super::token_args::{CreateArgs, ListArgs, RevokeArgs, TokenCommand, WhereArgs};
use super::{Ended, args::SettingsArgs, config, json, json::is_zero, output, serve};
use crate::domain::{Origin, Role, SiteId, Timestamp, Token};
use crate::grpc::pb;
use crate::server::{Offline, TokenRequest};
use comfy_table::{Table, presets};
use serde::Serialize;
use std::{
    io::{self, Write as _},
    num::NonZeroU32,
    path::Path,
};

/// A token as it is shown.
#[derive(Serialize)]
struct Shown {
    token_id: String,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_id: Option<String>,
    name: String,
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    origins: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    rate_per_minute: u32,
}

/// A token, this once with what must be sent.
#[derive(Serialize)]
struct Created<'a> {
    token: &'a str,
    #[serde(flatten)]
    shown: Shown,
}

pub(crate) fn run(command: TokenCommand) -> anyhow::Result<Ended> {
    block_on(async move {
        match command {
            TokenCommand::Create(args) => create(args).await,
            TokenCommand::List(args) => list(&args).await,
            TokenCommand::Revoke(args) => revoke(args).await,
        }
    })
}

async fn create(args: CreateArgs) -> anyhow::Result<Ended> {
    let CreateArgs { role, name, site, expires, origins, rate_per_minute, json, at } = args;
    let WhereArgs { server, data_dir } = at;
    let lifetime_secs = expires.unwrap_or_default();
    if let Some(dir) = data_dir {
        let offline = open(&dir).await?;
        let request = TokenRequest { role: Some(role), site_id: site, name, lifetime_secs, origins, rate_per_minute };
        let created = offline.create(request).await;
        let created = created.map(|(token, secret)| (of_domain(&token), secret));
        offline.close().await?;
        let (shown, secret) = created.map_err(|error| RefusedHere::new(&error, error.kind()))?;
        return show(secret.expose(), shown, json);
    }
    let role = match role {
        Role::Submitter => pb::Role::Submitter,
        Role::Moderator => pb::Role::Moderator,
        Role::Admin => pb::Role::Admin,
    };
    let (role, bound_site_id) = (role.into(), site);
    let request = pb::CreateTokenRequest { role, bound_site_id, name, lifetime_secs, origins, rate_per_minute };
    let created = connect_to_admin(&server).await?.create_token(request).await.map_err(Refused)?.into_inner();
    show(&created.secret, of_wire(created.token.unwrap_or_default()), json)
}

/// Shows a token, on standard output alone, and says on standard error what it is for.
fn show(token: &str, shown: Shown, as_json: bool) -> anyhow::Result<Ended> {
    let mut out = io::stdout().lock();
    if as_json {
        output::json_line(&mut out, &Created { token, shown })?;
        return Ok(Ended::Done);
    }
    writeln!(out, "{token}")?;
    let site = shown.site_id.map(|site| format!(" of {}", output::visible(&site))).unwrap_or_default();
    let until = shown.expires_at.map(|end| format!(" until {}", output::to_the_second(&end))).unwrap_or_default();
    let rate = (shown.rate_per_minute > 0).then(|| format!(", {} calls a minute", shown.rate_per_minute));
    let rate = rate.unwrap_or_default();
    let what_for = if shown.origins.is_empty() {
        "keep it where only its bearer can read it, and set OMBUD_TOKEN to it".to_owned()
    } else {
        format!(
            "put it into pages of {}; every reader can see it there, so it scores texts and does nothing else",
            shown.origins.join(", ")
        )
    };
    writeln!(
        io::stderr().lock(),
        "token {} of {}, {}{site}{until}{rate}. It is not shown again: {what_for}. `ombud token revoke {}` ends it.",
        shown.token_id,
        output::visible(&shown.name),
        shown.role,
        shown.token_id,
    )?;
    Ok(Ended::Done)
}

async fn list(args: &ListArgs) -> anyhow::Result<Ended> {
    let tokens: Vec<Shown> = if let Some(dir) = &args.at.data_dir {
        there(dir)?;
        let offline = open(dir).await?;
        let tokens = offline.list().iter().map(of_domain).collect();
        offline.close().await?;
        tokens
    } else {
        let mut client = connect_to_admin(&args.at.server).await?;
        let listed = client.list_tokens(pb::ListTokensRequest {}).await.map_err(Refused)?.into_inner();
        listed.tokens.into_iter().map(of_wire).collect()
    };
    let mut out = io::stdout().lock();
    if args.jsonl {
        tokens.iter().try_for_each(|token| output::json_line(&mut out, token))?;
    } else if tokens.is_empty() {
        writeln!(io::stderr().lock(), "no tokens")?;
    } else {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_header(["id", "role", "site", "name", "created", "expires", "calls", "origins"]);
        for token in tokens {
            table.add_row([
                token.token_id,
                token.role.to_owned(),
                token.site_id.map_or("all".to_owned(), |site| output::visible(&site)),
                output::visible(&token.name),
                output::to_the_second(&token.created_at.unwrap_or_default()),
                token.expires_at.map_or("never".to_owned(), |end| output::to_the_second(&end)),
                if token.rate_per_minute > 0 { format!("{}/min", token.rate_per_minute) } else { "all".to_owned() },
                if token.origins.is_empty() { "any".to_owned() } else { token.origins.join(" ") },
            ]);
        }
        writeln!(out, "{table}")?;
    }
    Ok(Ended::Done)
}

async fn revoke(args: RevokeArgs) -> anyhow::Result<Ended> {
    let RevokeArgs { token_id, at: WhereArgs { server, data_dir } } = args;
    if let Some(dir) = data_dir {
        there(&dir)?;
        let offline = open(&dir).await?;
        let revoked = offline.revoke(&token_id).await;
        offline.close().await?;
        revoked.map_err(|error| RefusedHere::new(&error, error.kind()))?;
    } else {
        let request = pb::RevokeTokenRequest { token_id };
        connect_to_admin(&server).await?.revoke_token(request).await.map_err(Refused)?;
    }
    writeln!(io::stderr().lock(), "revoked")?;
    Ok(Ended::Done)
}

/// Only a token that is made may make the folder that it is kept in.
fn there(dir: &Path) -> anyhow::Result<()> {
    if dir.is_dir() { Ok(()) } else { Err(anyhow::anyhow!("there is no folder {}", dir.display())) }
}

/// Opens the folder of a stopped server.
async fn open(dir: &Path) -> anyhow::Result<Offline> {
    let args = SettingsArgs { config: None, listen: None, data_dir: Some(dir.to_owned()) };
    let settings = config::settings(&args)?.settings;
    let bar = Bar::measured();
    let offline = Offline::open(&settings, &|progress| serve::show(&bar, progress)).await;
    bar.finish();
    Ok(offline?)
}

fn of_domain(token: &Token) -> Shown {
    Shown {
        token_id: token.token_id.to_string(),
        role: token.role.name(),
        site_id: token.site_id.as_ref().map(SiteId::to_string),
        name: token.name.to_string(),
        created_at: time(token.created_at),
        expires_at: token.expires_at.and_then(time),
        origins: token.origins.iter().map(Origin::to_string).collect(),
        rate_per_minute: token.rate_per_minute.map_or(0, NonZeroU32::get),
    }
}

fn time(time: Timestamp) -> Option<String> {
    jiff::Timestamp::from_microsecond(time.as_micros()).ok().map(|time| time.to_string())
}

fn of_wire(token: pb::Token) -> Shown {
    let role = match token.role() {
        pb::Role::Submitter => Role::Submitter.name(),
        pb::Role::Moderator => Role::Moderator.name(),
        pb::Role::Admin => Role::Admin.name(),
        pb::Role::Unspecified => "unknown",
    };
    Shown {
        token_id: token.token_id,
        role,
        site_id: Some(token.bound_site_id).filter(|site| !site.is_empty()),
        name: token.name,
        created_at: json::time(token.created_at),
        expires_at: json::time(token.expires_at),
        origins: token.origins,
        rate_per_minute: token.rate_per_minute,
    }
}
