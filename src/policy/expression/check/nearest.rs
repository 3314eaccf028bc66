//! What a misspelt name most likely means.

/// Returns the known name with the fewest letters to change, if they are few for its length.
pub(super) fn nearest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let changes = known.iter().map(|known| (distance(name, known), *known));
    changes
        .filter(|(distance, known)| *distance <= 1 + known.len() / 5)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Counts the letters to insert, leave out or replace, case ignored (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let letters = |text: &str| text.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>();
    let (one, other) = (letters(one), letters(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, a) in one.iter().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (place, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_few_wrong_letters_is_found() {
        let known = ["toxicity", "severe_toxicity", "threat"];
        assert_eq!(nearest("toxcity", &known), Some("toxicity"));
        assert_eq!(nearest("Threat", &known), Some("threat"));
        assert_eq!(nearest("severetoxicity", &known), Some("severe_toxicity"));
        assert_eq!(nearest("rating", &known), None);
    }

    #[test]
    fn letters_are_counted() {
        for (one, other, expected) in
            [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
