//! Refuses what can't be read: a number that an enum doesn't have, and a time that is none. Wire types let both through, and
//! reading them as something else would do what nobody asked for.

use super::pb;
use crate::domain::Violation;
use prost_types::Timestamp;

/// The first second that a time may have: that of the year 1.
const SECONDS_MIN: i64 = -62_135_596_800;
/// The last second that a time may have: that of the year 9999.
const SECONDS_MAX: i64 = 253_402_300_799;

/// A message whose enums and times can be looked through; `build.rs` says of every request and its parts which they are.
pub(super) trait Readable {
    /// Notes what can't be read; `within` is put before the fields' names.
    fn unreadable(&self, within: &str, violations: &mut Vec<Violation>);
}

include!(concat!(env!("OUT_DIR"), "/readable.rs"));

fn check_enum<E: TryFrom<i32>>(number: i32, within: &str, field: &str, violations: &mut Vec<Violation>) {
    if E::try_from(number).is_err() {
        let sentence = "Must be one of the values that the proto names.";
        violations.push(Violation::new(format!("{within}{field}"), sentence));
    }
}

fn check_time(time: &Timestamp, within: &str, field: &str, violations: &mut Vec<Violation>) {
    if !(SECONDS_MIN..=SECONDS_MAX).contains(&time.seconds) || !(0..1_000_000_000).contains(&time.nanos) {
        let sentence = "Must be a time in the years 1 to 9999, with 0 to 999,999,999 nanoseconds.";
        violations.push(Violation::new(format!("{within}{field}"), sentence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &impl Readable) -> Vec<String> {
        let mut violations = Vec::new();
        message.unreadable("", &mut violations);
        violations.into_iter().map(|violation| violation.field).collect()
    }

    #[test]
    fn times_are_read_up_to_their_limits_and_no_further() {
        let read = |seconds, nanos| {
            let request =
                pb::SubmitCommentRequest { submitted_at: Some(Timestamp { seconds, nanos }), ..Default::default() };
            fields(&request).is_empty()
        };
        assert!(read(SECONDS_MIN, 0) && read(SECONDS_MAX, 999_999_999) && read(0, 0));
        assert!(
            !read(SECONDS_MIN - 1, 999_999_999) && !read(SECONDS_MAX + 1, 0) && !read(0, -1) && !read(0, 1_000_000_000)
        );
        assert!(!read(i64::MIN, i32::MIN) && !read(i64::MAX, i32::MAX));
    }

    #[test]
    fn what_is_deep_inside_is_named_by_its_place() {
        let rule = pb::Rule { action: 99, ..Default::default() };
        let words = pb::WordList { kind: -1, ..Default::default() };
        let links = pb::LinkPolicy { action: 4, ..Default::default() };
        let policy = pb::Policy {
            mode: 99,
            links: Some(links),
            words: vec![pb::WordList::default(), words],
            rules: vec![rule],
            ..Default::default()
        };
        let form = Some(pb::set_policy_request::Form::Policy(policy));
        let request = pb::SetPolicyRequest { form, ..Default::default() };
        let expected = ["policy.mode", "policy.links.action", "policy.words[1].kind", "policy.rules[0].action"];
        assert_eq!(fields(&request), expected);
        assert_eq!(fields(&pb::SetPolicyRequest::default()), Vec::<String>::new());
    }
}
