//! The origins whose pages may call, as operators write them.

use super::Problem;
use crate::domain::Origin;
use serde::Deserialize;

/// A list; in the environment, which has none, separated by commas.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Origins {
    Listed(Vec<String>),
    Written(String),
}

impl Origins {
    /// Returns the origins, with a problem for each that is none.
    pub(super) fn check(&self, problems: &mut Vec<Problem>) -> Vec<Origin> {
        let written: Vec<&str> = match self {
            Self::Listed(origins) => origins.iter().map(String::as_str).collect(),
            Self::Written(origins) => origins.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect(),
        };
        let mut read = |(index, text): (usize, &str)| {
            let origin = Origin::parse(text);
            if origin.is_none() {
                let must = "must be scheme, host and perhaps port of pages, as \"https://www.example.org\"";
                problems.push(Problem::new(format!("server.origins[{index}]"), must));
            }
            origin
        };
        written.into_iter().enumerate().filter_map(&mut read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &Origins, expected: &[&str], wrong: &[&str]) {
        let mut problems = Vec::new();
        let read = written.check(&mut problems);
        assert_eq!(read.iter().map(Origin::as_str).collect::<Vec<_>>(), expected);
        assert_eq!(problems.iter().map(|problem| problem.key.as_str()).collect::<Vec<_>>(), wrong);
    }

    #[test]
    fn origins_are_a_list_or_one_text_with_commas() {
        let both = ["https://a.example", "http://b.example:8080"];
        check(&Origins::Listed(both.map(str::to_owned).into()), &both, &[]);
        check(&Origins::Written("https://a.example, http://b.example:8080".into()), &both, &[]);
        check(&Origins::Written(String::new()), &[], &[]);
        let wrong = ["*", "https://a.example", "a.example/page"].map(str::to_owned);
        check(&Origins::Listed(wrong.into()), &["https://a.example"], &["server.origins[0]", "server.origins[2]"]);
    }
}
