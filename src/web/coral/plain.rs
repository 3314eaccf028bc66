//! Plain text of what Coral sends, which is HTML or plain text as the phase is set up, and doesn't say which.
//!
//! A reader may write what looks like markup, and what is taken for a tag is not judged. So a text is HTML only where all of it is
//! what Coral's own editor and sanitiser write: tags that they know, with attributes that hide no words. Everything else is judged
//! as it stands.

use html5gum::{StartTag, Token, Tokenizer};

/// Tags that begin a line of their own.
const LINES: [&[u8]; 8] = [b"br", b"div", b"p", b"li", b"ul", b"ol", b"blockquote", b"hr"];
/// Tags within a line.
const WORDS: [&[u8]; 12] =
    [b"a", b"b", b"strong", b"i", b"em", b"u", b"s", b"strike", b"del", b"span", b"code", b"sub"];
/// Values that say nothing to readers, by attribute.
const SILENT: [(&[u8], &[&[u8]]); 3] = [
    (b"class", &[b"coral-rte-spoiler", b"coral-rte-sarcasm"]),
    (b"rel", &[b"nofollow", b"noopener", b"noreferrer", b"ugc"]),
    (b"target", &[b"_blank"]),
];

/// Returns the words of a comment: of HTML without its tags, with references such as `&amp;` resolved, and with where a link
/// leads behind its words, since that is what policies look at.
pub(super) fn text(body: &str) -> String {
    let may_be_html = body.contains(['<', '&']);
    may_be_html.then(|| of_html(body)).flatten().unwrap_or_else(|| body.to_owned())
}

/// Reads HTML; `None` where something in it is not Coral's.
fn of_html(body: &str) -> Option<String> {
    let (mut text, mut leads_to) = (String::with_capacity(body.len()), None);
    for Ok(token) in Tokenizer::new(body) {
        match token {
            Token::StartTag(tag)
                if is_known(&tag.name) && tag.attributes.iter().all(|(name, value)| is_silent(name, value)) =>
            {
                if LINES.contains(&tag.name.as_slice()) {
                    new_line(&mut text);
                }
                if let Some(href) = href(&tag) {
                    leads_to = Some((text.len(), href));
                }
            }
            Token::EndTag(tag) if is_known(&tag.name) => {
                if LINES.contains(&tag.name.as_slice()) {
                    new_line(&mut text);
                }
                if tag.name.as_slice() == b"a" {
                    leads(&mut text, leads_to.take());
                }
            }
            Token::String(words) => text.push_str(str::from_utf8(&words).ok()?),
            // Comments, other tags, and mistakes that no sanitiser makes.
            _ => return None,
        }
    }
    leads(&mut text, leads_to);
    Some(text.trim().replace('\u{a0}', " "))
}

fn is_known(name: &[u8]) -> bool {
    LINES.contains(&name) || WORDS.contains(&name)
}

/// Returns whether no words are in an attribute that are left out: where a link leads is told.
fn is_silent(name: &[u8], value: &[u8]) -> bool {
    let values = SILENT.iter().find(|(known, _)| *known == name).map(|(_, values)| *values);
    name == b"href" || values.is_some_and(|values| value.split(|byte| *byte == b' ').all(|one| values.contains(&one)))
}

fn href(tag: &StartTag<()>) -> Option<String> {
    tag.attributes.get(b"href".as_slice()).map(|href| String::from_utf8_lossy(href).into_owned())
}

/// Says behind the words of a link where it leads, unless they say it themselves.
fn leads(text: &mut String, to: Option<(usize, String)>) {
    if let Some((begin, href)) = to.filter(|(begin, href)| !text[*begin..].contains(href)) {
        let blank = if text.len() > begin { " " } else { "" };
        text.push_str(&format!("{blank}({href})"));
    }
}

fn new_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(body: &str, expected: &str) {
        assert_eq!(text(body), expected, "{body}");
    }

    #[test]
    fn tags_go_and_words_stay() {
        check("<p>Well <b>said</b>.</p>", "Well said.");
        check("<div>One</div><div>Two<br>Three</div>", "One\nTwo\nThree");
        check("Fish &amp; chips&nbsp;&lt;3 &#x1F642;", "Fish & chips <3 🙂");
        check("i<b>d</b>iot <span class=\"coral-rte-spoiler\">you</span>", "idiot you");
    }

    #[test]
    fn where_a_link_leads_is_read_too() {
        let link =
            r#"See <a href="https://shop.example/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">this</a>!"#;
        check(link, "See this (https://shop.example/x?a=1&b=2)!");
        check(r#"<a href="https://a.example">https://a.example</a>"#, "https://a.example");
        check(
            r#"<a href="https://a.example"></a> <a href="https://b.example">b"#,
            "(https://a.example) b (https://b.example)",
        );
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        for plain in ["", "  I <3 this\n\n& that ", "1 < 2 > 1", "a<b", "AT&T", "x &c; y", "\u{a0}"] {
            check(plain, plain);
        }
    }

    #[test]
    fn nothing_is_hidden_in_what_only_looks_like_markup() {
        for hiding in [
            "<script>fool</script>",
            "a<!-- fool -->b",
            "<fool>",
            "<b fool>a",
            "<b title=\"fool\">a</b>",
            "<b class=\"fool\">a</b>",
            "</b fool>",
            "<!fool>",
            "<?fool>",
            "</ fool>",
            "<b>a</b><fool",
            "<a rel=\"noopener fool\">a</a>",
            "<a href=\"x\" href=\"fool\">a</a>",
        ] {
            assert!(text(hiding).contains("fool"), "{hiding}: {}", text(hiding));
        }
    }

    proptest! {
        #[test]
        fn letters_are_lost_only_to_known_tags(body in r#"([<>/a-z"'=! -]|<a href=|</a>|<b>|</b>|<p class=|\PC){0,40}"#) {
            prop_assume!(!body.contains('&'));
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric() && !c.is_ascii_alphabetic()).count();
            prop_assert!(letters(&text(&body)) >= letters(&body), "{}", body);
        }
    }
}
