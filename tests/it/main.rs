//! Stories of the people who meet Ombud, each told over a real server with a real client.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod admin_changes_models;
mod admin_rescores;
mod admin_retrains;
mod akismet_client_checks;
mod api_is_described;
mod author_appeals;
mod command_line;
mod coral_asks;
mod disk_fills_up;
mod editor_audits;
mod editor_compares;
mod editor_defines_queues;
mod editor_errs;
mod editor_sets_much;
mod editor_sets_policy;
mod editor_simulates;
mod histories;
mod labels_come_from_elsewhere;
mod moderator_asks_why;
mod moderator_errs;
mod moderator_has_a_name;
mod moderator_passes_on;
mod moderator_reviews;
mod moderator_sees_models_disagree;
mod moderator_settles_campaigns;
mod moderator_takes_down;
#[cfg(target_os = "linux")]
mod moderator_uses_keys;
mod moderator_verdicts_become_labels;
mod moderator_watches;
mod moderators_share_a_queue;
mod newcomer_tries_it;
mod newsroom_moves_over;
mod newsroom_trains;
mod openai_client_moderates;
mod operator_encrypts;
mod operator_erases;
mod operator_hands_out_tokens;
mod operator_measures;
mod operator_reaches_a_server;
mod operator_watches;
mod perspective_client_scores;
mod perspective_client_teaches;
mod reader_of_lists;
mod reader_reports;
mod reader_submits;
mod refusals;
mod site_reads;
mod site_reads_too_slowly;
mod site_sends_lines;
mod site_sends_what_means_nothing;
mod site_shows_a_key;
mod site_streams;
mod strangers_send_rubbish;
mod web_developer_calls;
mod web_page_calls;
mod web_sends_what_means_nothing;
