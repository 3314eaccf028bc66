//! `ombud labels stats`: how many labels there are, of what kind.

use super::{WhichArgs, each_label, line::source_name};
use crate::cli::{Ended, args::ServerArgs, output};
use crate::domain::Attribute;
use crate::grpc::pb;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{self, Write as _},
};

/// How many labels there are.
#[derive(Default, Serialize)]
struct Stats {
    labels: u64,
    /// Verdicts that another moderator's took the place of; nothing else counts them.
    superseded: u64,
    /// How many stand for further comments, since only a lot brought them before a person.
    sampled: u64,
    rejected: u64,
    approved: u64,
    attributes_only: u64,
    sites: BTreeMap<String, u64>,
    sources: BTreeMap<&'static str, u64>,
    attributes: BTreeMap<String, OfAttribute>,
    moderators: BTreeMap<String, u64>,
    months: BTreeMap<String, u64>,
}

/// How many labels speak of an attribute.
#[derive(Default, Serialize)]
struct OfAttribute {
    /// How many say that the comment carries it.
    carried: u64,
    /// How many say that it does not.
    not_carried: u64,
}

pub(super) async fn run(which: &WhichArgs, json: bool, server: &ServerArgs) -> anyhow::Result<Ended> {
    let mut stats = Stats::default();
    each_label(which, true, server, |label| {
        stats.add(label);
        Ok(())
    })
    .await?;
    let mut out = io::stdout().lock();
    if json {
        output::json_line(&mut out, &stats)?;
    } else {
        writeln!(out, "{}", stats.table())?;
    }
    Ok(Ended::Done)
}

impl Stats {
    fn add(&mut self, label: pb::Label) {
        if label.superseded {
            self.superseded += 1;
            return;
        }
        self.labels += 1;
        self.sampled += u64::from(label.sampling_probability < 1.0);
        *match label.rejected {
            Some(true) => &mut self.rejected,
            Some(false) => &mut self.approved,
            None => &mut self.attributes_only,
        } += 1;
        *self.sources.entry(source_name(label.source())).or_default() += 1;
        for (attribute, truth) in label.attributes {
            let of = self.attributes.entry(attribute).or_default();
            *if truth { &mut of.carried } else { &mut of.not_carried } += 1;
        }
        *self.sites.entry(label.site_id).or_default() += 1;
        *self.moderators.entry(label.moderator_id).or_default() += 1;
        let at = label.labeled_at.and_then(|at| jiff::Timestamp::from_second(at.seconds).ok());
        let month = at.map(|at| at.strftime("%Y-%m").to_string()).unwrap_or_default();
        *self.months.entry(month).or_default() += 1;
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let mut add = |kind: &str, name: &str, count: u64| {
            let name = if name.is_empty() { "nobody is named" } else { name };
            table.add_row([kind.to_owned(), output::visible(name), count.to_string()]);
        };
        add("labels", "all", self.labels);
        add("verdict", "rejected", self.rejected);
        add("", "approved", self.approved);
        add("", "attributes only", self.attributes_only);
        if self.superseded > 0 {
            add("", "overruled by another", self.superseded);
        }
        add("lot", "stand for others", self.sampled);
        for (kind, counts) in [("site", &self.sites), ("moderator", &self.moderators), ("month", &self.months)] {
            for (index, (name, count)) in counts.iter().enumerate() {
                add(if index == 0 { kind } else { "" }, name, *count);
            }
        }
        for (index, (name, count)) in self.sources.iter().enumerate() {
            add(if index == 0 { "source" } else { "" }, name, *count);
        }
        let known = Attribute::ALL.map(Attribute::name).into_iter();
        let spoken_of = known.filter_map(|name| Some((name, self.attributes.get(name)?)));
        for (index, (name, of)) in spoken_of.enumerate() {
            add(if index == 0 { "attribute" } else { "" }, name, of.carried);
            add("", &format!("{name}, not"), of.not_carried);
        }
        if let Some(counts) = table.column_mut(2) {
            counts.set_cell_alignment(CellAlignment::Right);
        }
        table
    }
}
