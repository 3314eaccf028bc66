//! Names the fields of requests as the command at hand does, by its flags and arguments.

use super::args::Cli;
use clap::{Arg, ArgMatches, Command, CommandFactory as _};

/// Fields, with the arguments that may fill them in one command or another; of a list's fields without the place.
const FIELDS: &[(&str, &[&str])] = &[
    ("article_id", &["article"]),
    ("author.article_id", &["article"]),
    ("author.author_id", &["author_id"]),
    ("author.name", &["author_name"]),
    ("author_id", &["author_id", "id"]),
    ("bound_site_id", &["site"]),
    ("comment_id", &["comment_id", "id"]),
    ("conditions.article_ids", &["article"]),
    ("conditions.author_ids", &["author"]),
    ("conditions.queues", &["queue"]),
    ("conditions.reasons", &["reason"]),
    ("conditions.scores", &["score"]),
    ("editor_id", &["editor", "moderator"]),
    ("examples_max", &["examples"]),
    ("hours", &["hold_copies", "reject_copies"]),
    ("items_max", &["items"]),
    ("labels", &["label"]),
    ("lease_secs", &["lease_secs"]),
    ("lifetime_secs", &["expires"]),
    ("moderator_id", &["moderator"]),
    ("name", &["name"]),
    ("note", &["note", "text"]),
    ("of_comment_id", &["id"]),
    ("of_moderator_id", &["id"]),
    ("origins", &["origin"]),
    ("parent_id", &["parent_id"]),
    ("policy", &["file"]),
    ("queue", &["queue"]),
    ("rate_per_minute", &["rate_per_minute"]),
    ("reason", &["reason"]),
    ("reporter_id", &["reporter"]),
    ("role", &["role"]),
    ("site_id", &["site"]),
    ("text", &["text"]),
    ("toml", &["file"]),
    ("verdict", &["ruling"]),
];

/// The flags and arguments of the command that was typed.
pub(crate) struct Flags(Command);

impl Flags {
    /// Finds the command that was typed.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let (mut command, mut matches) = (Cli::command(), matches);
        while let Some((name, inner)) = matches.subcommand() {
            let Some(found) = command.find_subcommand(name) else { break };
            (command, matches) = (found.clone(), inner);
        }
        Self(command)
    }

    /// Returns what fills a field in: a flag, or an argument's name; the field itself where nothing of the command does.
    pub(crate) fn name(&self, field: &str) -> String {
        let bare = field.split('[').next().unwrap_or(field);
        let ids = FIELDS.iter().find(|(name, _)| *name == bare).map_or(&[][..], |(_, ids)| ids);
        let find = |id: &&str| self.0.get_arguments().find(|arg| arg.get_id() == *id);
        ids.iter().find_map(find).map_or_else(|| field.to_owned(), shown)
    }
}

fn shown(arg: &Arg) -> String {
    match (arg.get_long(), arg.get_value_names()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some([name, ..])) => name.to_string(),
        (None, _) => arg.get_id().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, field: &str, expected: &str) {
        let matches = Cli::command().try_get_matches_from(typed.split(' ')).unwrap();
        assert_eq!(Flags::of(&matches).name(field), expected, "{typed}: {field}");
    }

    #[test]
    fn fields_are_named_as_the_command_names_them() {
        check("ombud queue settle c1 reject", "moderator_id", "--as");
        check("ombud queue settle c1 reject", "comment_id", "ID");
        check("ombud queue undo --comment-id c1", "comment_id", "--comment-id");
        check("ombud queue set a --article b", "conditions.article_ids[0]", "--article");
        check("ombud queue set a --article b", "editor_id", "--as");
        check("ombud policy set a", "editor_id", "--as");
        check("ombud policy set a", "words[0].entries", "words[0].entries");
        check("ombud submit a", "author.name", "--author-name");
        check("ombud token create --role admin --name a", "bound_site_id", "--site");
        check("ombud token create --role admin --name a", "origins[0]", "--origin");
        check("ombud erase author a", "author_id", "ID");
        check("ombud list --article a", "queue", "queue");
    }

    #[test]
    fn every_argument_is_one_of_a_command() {
        fn has(command: &Command, id: &str) -> bool {
            command.get_arguments().any(|arg| arg.get_id() == id)
                || command.get_subcommands().any(|inner| has(inner, id))
        }
        let command = Cli::command();
        for id in FIELDS.iter().flat_map(|(_, ids)| *ids) {
            assert!(has(&command, id), "{id}");
        }
    }
}
