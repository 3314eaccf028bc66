//! Tables of rules with what becomes of them, and random ones.

use super::{facts::Prepared, *};
use crate::domain::{Attribute, Scores};
use proptest::prelude::*;

const SCORES: [f32; Attribute::COUNT] = [0.9, 0.1, 0.5, 0.0, 1.0, 0.25, 0.75, 0.3];

fn facts(scores: &Scores) -> Facts<'_> {
    Facts {
        scores: Some(scores),
        comment: CommentFacts { site_id: "daily", parent_id: "c1", links: 2, language: "en" },
        author: AuthorFacts { author_id: "a7", name: "Ann", published: 12, held: 3, rejected: 0, first_time: false },
        article: ArticleFacts { article_id: "page", mode: "pre_moderated" },
        text: "Größe: see http://example.org",
    }
}

fn compiled(source: &str) -> Expression {
    Expression::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn check(source: &str, expected: Result<bool, EvaluationError>) {
    let scores = Scores::new(SCORES).unwrap();
    assert_eq!(compiled(source).matches(&facts(&scores).prepare()), expected, "{source}");
}

/// Holds that a rule is refused at a column with a sentence that has these words.
fn refused(source: &str, column: usize, words: &str) {
    match Expression::compile(source) {
        Ok(_) => panic!("{source} was taken"),
        Err(error) => {
            assert!(error.sentence.contains(words), "{source}: {error}");
            assert_eq!(error.column, column, "{source}: {error}");
        }
    }
}

#[test]
fn every_field_has_its_value() {
    for source in [
        "scores.toxicity == 0.9",
        "scores.severe_toxicity == 0.1",
        "scores.insult == 0.5",
        "scores.profanity == 0.0",
        "scores.identity_attack == 1.0",
        "scores.threat == 0.25",
        "scores.spam == 0.75",
        "scores.sexism == 0.3",
        "comment.site_id == 'daily'",
        "comment.article_id == 'page'",
        "comment.parent_id == 'c1'",
        "comment.length == 29",
        "comment.links == 2",
        "comment.is_reply",
        "comment.language == 'en'",
        "author.author_id == 'a7'",
        "author.name == 'Ann'",
        "author.published == 12",
        "author.held == 3",
        "author.rejected == 0",
        "!author.first_time",
        "article.article_id == 'page'",
        "article.mode == 'pre_moderated'",
        "text == 'Größe: see http://example.org'",
    ] {
        check(source, Ok(true));
    }
}

#[test]
fn operators_functions_and_loops_answer() {
    for (source, expected) in [
        ("scores.toxicity >= 0.9 && comment.links > 1", true),
        ("scores.toxicity > 0.9 || comment.links > 2", false),
        ("scores.identity_attack > 0", true),
        ("1 < 1.5 && 2.0 == 2", true),
        ("'a' < 'b' && !('b' < 'a')", true),
        ("(author.held + author.rejected) * 4 == author.published", true),
        ("double(author.held) / double(author.published) == 0.25", true),
        ("author.published % 5 == 2 && author.published / 5 == 2 && 5 - 12 == -7", true),
        ("int(scores.toxicity * 10.0) == 9", true),
        ("author.held > 0 && author.published / author.held >= 4", true),
        ("comment.language in ['de', 'en']", true),
        ("author.held in [1, 2]", false),
        ("comment.site_id in {'daily': 0.5, 'weekly': 0.8}", true),
        (
            "scores.toxicity > {'daily': 0.95, '': 0.5, 'weekly': 0.8}[comment.site_id in ['daily'] ? 'daily' : '']",
            false,
        ),
        ("[1, 5, 3][1] == 5", true),
        ("(comment.is_reply ? 0.8 : 0.95) < scores.toxicity", true),
        ("text.contains('http') && text.startsWith('Gr') && text.endsWith('.org')", true),
        ("size(text) == comment.length && text.size() == comment.length && size([1, 2]) == 2", true),
        ("text.matches(r'^\\pL+: see')", true),
        ("text.matches('(?i)GRÖSSE|grö[sß]e') && !text.matches('x{3}')", true),
        ("['Ann', 'Bob'].exists(n, n == author.name)", true),
        ("['see', 'http'].all(w, text.contains(w))", true),
        ("[1, 2, 3].exists_one(n, n == author.held)", true),
        ("[1, 2, 3].filter(n, n > 1).map(n, n * 2) .size() == 2", true),
        ("[1, 2, 3].map(n, n > 1, n * 2)[1] == 6", true),
        ("{'a': 1, 'b': 2}.exists(k, k == author.name)", false),
        ("has(comment.parent_id) && has(scores.toxicity) && has(author.name)", true),
        ("true // what stands here is for people\n", true),
        ("'''Größe''' == \"Gr\\u00f6ße\" || r'\\d' == text", true),
    ] {
        check(source, Ok(expected));
    }
}

#[test]
fn what_is_unknown_is_refused_with_what_is_meant() {
    refused("scores.toxicty > 0.9", 8, "write scores.toxicity");
    refused("comment .\n lenght > 3", 12, "write comment.length");
    refused("'äß🙂' == text && sores.spam > 0.1", 18, "write scores.spam");
    refused("toxicity > 0.9", 1, "write scores.toxicity");
    refused("true && speed > 1", 9, "write one of scores, comment, author, article, text");
    refused("author.age > 1", 8, "write one of author_id, name, published, held, rejected, first_time");
    refused("scores > 0.5", 1, "write scores. and one of");
    refused("comment.text.length > 1", 14, "nothing here has a field length");
    refused("text.lenght() > 3", 6, "there is no method lenght");
    refused("text.startswith('a')", 6, "write startsWith");
    refused("  lower(text) == 'a'", 3, "there is no function lower");
    refused("contains(text, 'a')", 1, "write it as in text.contains(");
    refused("text.has()", 6, "write has(");
    refused("['a'].exists(w, w.b == 'c')", 19, "w has no fields");
    refused(".text == 'a'", 2, "write text");
    refused("comment{a: 1}", 8, "write a map");
}

#[test]
fn wrong_types_are_refused_with_what_fits() {
    refused("scores.toxicity", 8, "this is a double; compare it");
    refused("text && true", 1, "this is a string; compare it");
    refused("!comment.links", 10, "this is an int; compare it");
    refused("scores.toxicity > '0.9'", 17, "without quotation marks");
    refused("author.first_time == 1", 19, "write the condition alone");
    refused("author.first_time < true", 19, "write == or !=");
    refused("'a' in text", 5, "write contains");
    refused("'a' in author.held", 15, "write [ ] around it");
    refused("author.held in ['a']", 13, "can't be compared");
    refused("comment.links + 0.5 > 1.0", 15, "write double()");
    refused("text + 'a' == 'ba'", 6, "test each of them");
    refused("[1] + [2] == [3]", 5, "write one list");
    refused("1.5 % 1.0 == 0.5", 5, "write int()");
    refused("-text == 'a'", 1, "leave it out");
    refused("true ? 1 : 'a'", 12, "write an int");
    refused("1 ? true : false", 1, "a condition must stand here");
    refused("[1, 'a'].exists(n, n == 1)", 5, "write an int");
    refused("[[1]].exists(n, n == 1)", 2, "a single value");
    refused("[].exists(n, n == 1)", 1, "this list holds nothing");
    refused("{} == 1", 1, "this map holds nothing");
    refused("{'a': 1, 2: 2}[2] == 2", 10, "write a string");
    refused("{'a': 1, 'b': true}['a'] == 1", 15, "write an int");
    refused("{'a': 1, 'a': 2}['a'] == 1", 10, "leave one out");
    refused("{text: 1}['a'] == 1", 2, "written out");
    refused("[1]['a'] == 1", 5, "stands an int");
    refused("text[0] == 'a'", 5, "has no elements");
    refused("size(author.held) == 1", 1, "has no size");
    refused("int(text) == 1", 1, "int() takes a number");
    refused("double(text) == 1.0", 1, "double() takes a number");
    refused("text.contains(1)", 15, "takes a string");
    refused("author.held.contains('1')", 8, "looks into a string");
    refused("['a'].contains('a')", 1, "write in, or exists");
    refused("text.exists(c, c == 'a')", 6, "goes over a list");
    refused("[1].exists(2, true)", 12, "a name");
    refused("[1].exists(text, true)", 12, "write another");
    refused("[1].exists(n)", 5, "takes a name and");
    refused("has(text)", 1, "has() takes a field");
    refused("has(comment.links)", 1, "leave has() out");
    refused("null == text", 1, "nothing is ever null");
    refused("1u == 1", 1, "write the number alone");
    refused("b'a' == text", 1, "without b");
    refused("text.matches(author.name)", 21, "written out");
    refused("text.matches('(')", 14, "no regular expression");
    refused("article.mode == 'opne'", 17, "open, pre_moderated, closed");
    refused("comment.language in ['de', 'EN']", 28, "two lower-case letters");
}

#[test]
fn what_can_not_be_read_is_refused_where_it_stands() {
    refused("", 1, "the rule is empty");
    refused(" // nothing", 1, "the rule is empty");
    refused("comment.links = 1", 15, "write ==");
    refused("comment.links === 1", 15, "write ==");
    refused("comment.links <> 1", 15, "write !=");
    refused("true & true", 6, "write &&");
    refused("true | true", 6, "write ||");
    refused("true and true", 6, "write &&");
    refused("true OR true", 6, "write ||");
    refused("not true", 1, "write !");
    refused("text == \u{201c}a\u{201d}", 9, "straight quotation marks");
    refused("text == 'abc", 9, "never ends");
    refused("text == 'a\nb'", 9, "never ends");
    refused("text == r'a\\", 10, "never ends");
    refused("(true", 1, "never closed");
    refused("(true]", 6, "can't close the ( of column 1");
    refused("true)", 5, "closes nothing");
    refused("true # false", 6, "means nothing");
    refused("comment.links >", 15, "ends too early");
    refused("text 'a'", 6, "write an operator");
    refused("'äß🙂' text", 7, "write an operator");
    refused("'äß🙂' == text && while == 1", 18, "another name");
    refused("'äß' ==\n'ö' && 99999999999999999999 == 1", 16, "too large");
    refused("'äö' ==\n text text", 15, "write an operator");
    refused("text == '\\q'", 10, "this backslash");
    refused("text == 'ab\\x4'", 12, "this backslash");
    refused("text == '\\400'", 10, "this backslash");
    refused(&format!("text == '\\q{}", "(".repeat(1500)), 10, "this backslash");
    refused("text == rb'a'", 11, "doesn't fit");
    refused("text == '\\ud800'", 9, "a character that isn't there");
    refused("comment.links == 99999999999999999999", 18, "too large");
    refused("while == 1", 1, "another name");
    refused("text.?a", 5, "doesn't fit");
}

#[test]
fn what_costs_too_much_is_refused() {
    let repeat = |what: &str, times: usize| what.repeat(times);
    refused(&repeat(" ", limits::SOURCE_BYTES_MAX + 1), 1, "bytes");
    refused(&repeat("(", 2000), limits::BRACKETS_MAX + 1, "brackets");
    compiled(&format!("{}true{}", repeat("(", limits::BRACKETS_MAX), repeat(")", limits::BRACKETS_MAX)));
    refused(&repeat("!", limits::TOKENS_MAX + 1), limits::TOKENS_MAX + 1, "names, values and signs");
    compiled(&format!("{}true", repeat("!", limits::TOKENS_MAX - 1)));
    refused(&repeat("true?true:", limits::CONDITIONALS_MAX + 1), 165, "of ?");
    compiled(&format!("{}true", repeat("true?true:", limits::CONDITIONALS_MAX)));
    refused(&format!("1{} == 1", repeat("-1", 200)), 354, "operators deep");
    compiled(&format!("1{} == 1", repeat("-1", limits::DEPTH_MAX - 2)));
    compiled(&format!("true{}", repeat("&&true", 255)));
    // Both at once are as deep as the parser is let in.
    compiled(&format!("{}{}true{}", repeat("true?true:", 15), repeat("(", 16), repeat(")", 16)));
    let loops = |outer: usize, inner: usize| {
        format!("[1{}].all(n, n in [1{}])", repeat(",1", outer - 1), repeat(",1", inner - 1))
    };
    compiled(&loops(90, 90));
    refused(&loops(105, 105), 222, "steps");
    refused("[1].all(n, [1].all(m, m == n))", 16, "loops don't stand in loops");
    compiled("[1].filter(n, n > 0).all(m, m == 1)");
    let walks =
        |times: usize| format!("[1{}].all(n, text.contains('a') || text.contains('b'))", repeat(",1", times - 1));
    compiled(&walks(128));
    refused(&walks(129), 295, "walks over texts");
    refused("text.matches('[a-z]{97}')", 14, "places");
    compiled("text.matches('[a-z]{48}') || text.matches('[0-9]{48}')");
    refused("text.matches('[a-z]{48}') || text.matches('[0-9]{49}')", 35, "places together");
    refused("[1, 2, 3].exists(n, text.matches('[a-z]{33}'))", 26, "places together");
    refused("text.matches(r'\\w{60}')", 14, "too large");
}

#[test]
fn what_fails_on_a_comment_that_may_come_is_refused() {
    refused("true && 10 / author.held > 2", 12, "divides by zero");
    refused("10 % author.held > 2", 4, "divides by zero");
    refused("author.held * author.published * 2 > 1", 32, "too large");
    refused("{'a': 1}[text] == 1", 9, "test with in");
    refused("[1, 2][author.held] == 1", 7, "test with in or size()");
    refused("int(1.0 / scores.toxicity) == 1", 1, "a double is no number");
    refused("0.0 / scores.toxicity > 1.0", 5, "a double is no number");
}

#[test]
fn what_fails_later_says_why() {
    check("10 / (author.published - 12) > 1", Err(EvaluationError::DividedByZero));
    check(
        "[1, 2, 3][author.held * (author.held > 3 ? 0 : 1) * (author.published == 12 ? 1 : 0)] == 1",
        Err(EvaluationError::NothingThere),
    );
    check("{'': 1, 'Ann': 2}[author.author_id == 'a7' ? 'a7' : ''] == 1", Err(EvaluationError::NothingThere));
    check("9223372036854775807 - 2 + (author.published == 12 ? 3 : 0) > 0", Err(EvaluationError::Overflow));
    check(
        "(scores.profanity - (author.published == 12 ? 0.0 : 2.0)) / (scores.profanity - (author.published == 12 ? 0.0 : 2.0)) > 0.5",
        Err(EvaluationError::NotANumber),
    );
}

#[test]
fn a_rule_can_do_without_scores_if_it_says_so() {
    let prepared = Facts { text: "x", ..Facts::default() }.prepare();
    let answer = |source: &str| compiled(source).matches(&prepared);
    assert_eq!(answer("scores.toxicity > 0.5"), Err(EvaluationError::NoScores));
    assert_eq!(answer("has(scores.toxicity) && scores.toxicity > 0.5"), Ok(false));
    assert_eq!(answer("has(comment.parent_id) || has(author.name) || has(comment.language)"), Ok(false));
    // As CEL has it, a side that decides needs no other.
    assert_eq!(answer("scores.toxicity > 0.5 || text == 'x'"), Ok(true));
}

#[test]
fn rules_are_equal_where_their_sources_are() {
    assert_eq!(compiled("true"), compiled("true").clone());
    assert_ne!(compiled("true"), compiled("true "));
    assert_eq!(format!("{:?}", compiled("true")), "Expression(\"true\")");
}

#[test]
fn the_largest_rules_run_on_a_small_stack() {
    let deep = format!("1{} == 1", "-1".repeat(limits::DEPTH_MAX - 2));
    let brackets = format!("{}1{} == 1", "-(".repeat(limits::BRACKETS_MAX), ")".repeat(limits::BRACKETS_MAX));
    let nested = format!("[1].exists(n, {}true)", "n==1?true:".repeat(limits::CONDITIONALS_MAX));
    let wide = format!("true{}", "&&true".repeat(255));
    let calls = format!("text{} == 1", ".a()".repeat(127));
    let places = format!("text{}", "[0]".repeat(170));
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for source in [deep, brackets, nested, wide] {
            check(&source, Expression::compile(&source).unwrap().evaluate(&Facts::default().prepare()));
        }
        assert!(Expression::compile(&calls).is_err() && Expression::compile(&places).is_err());
    });
    thread.unwrap().join().unwrap();
}

/// Comments with what rules look at at its limits.
fn some_facts(with: impl Fn(&Prepared<'_>)) {
    samples::with_each(|prepared| {
        with(prepared);
        None::<()>
    });
    let scores = Scores::new(SCORES).unwrap();
    with(&facts(&scores).prepare());
    with(&Facts { text: "\u{0}\u{1f595}", ..Facts::default() }.prepare());
}

/// Holds that whatever is taken gives an answer, or an error that says what is wrong with the numbers.
fn taken_rules_answer(source: &str) {
    if let Ok(expression) = Expression::compile(source) {
        some_facts(|prepared| {
            let answer = expression.evaluate(prepared);
            assert!(!matches!(answer, Err(EvaluationError::Failed)), "{source}: {answer:?}");
        });
    }
}

const TOKENS: &[&str] = &[
    "scores.toxicity",
    "comment.length",
    "comment.links",
    "comment.is_reply",
    "author.name",
    "author.held",
    "text",
    "article.mode",
    "'a'",
    "\"b\"",
    "''",
    "1",
    "0",
    "-1",
    "2.5",
    "true",
    "false",
    "'open'",
    "null",
    "1u",
    "b'x'",
    "w",
    "&&",
    "||",
    "!",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "+",
    "-",
    "*",
    "/",
    "%",
    "?",
    ":",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    ".size()",
    ".contains('a')",
    ".matches('a+')",
    ".exists(w,",
    ".all(w,",
    ".map(w,",
    ".filter(w,",
    "has(",
    "size(",
    "int(",
    "double(",
    "// x\n",
    "`x`",
    "'''",
    "r'\\d'",
    "9223372036854775807",
    "1e308",
    "_",
    "@",
    "\u{e4}",
];

/// Rules that are mostly of one type throughout.
fn condition() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        Just("author.held".to_owned()),
        Just("comment.length".to_owned()),
        (0..4_i32).prop_map(|n| n.to_string()),
        Just("size(text)".to_owned()),
        Just("{'a': 1, 'b': 2}['a']".to_owned()),
    ];
    let number = number.prop_recursive(2, 8, 2, |inner| {
        (inner.clone(), prop_oneof![Just("+"), Just("-"), Just("*"), Just("/"), Just("%")], inner)
            .prop_map(|(one, sign, other)| format!("({one} {sign} {other})"))
    });
    let string = prop_oneof![
        Just("author.name".to_owned()),
        Just("text".to_owned()),
        "'[a-c]{0,2}'",
        Just("comment.language".to_owned()),
        Just("(comment.is_reply ? text : author.name)".to_owned()),
    ];
    let order = prop_oneof![Just("<"), Just("<="), Just(">"), Just(">="), Just("=="), Just("!=")];
    let leaf = prop_oneof![
        (number.clone(), order.clone(), number.clone()).prop_map(|(one, sign, other)| format!("{one} {sign} {other}")),
        (string.clone(), order.clone(), string.clone()).prop_map(|(one, sign, other)| format!("{one} {sign} {other}")),
        (order, 0..100_u32).prop_map(|(sign, n)| format!("scores.toxicity {sign} 0.{n:02}")),
        (string.clone(), string.clone()).prop_map(|(one, other)| format!("{one}.contains({other})")),
        (string.clone(), string).prop_map(|(one, other)| format!("{one} in ['a', {other}]")),
        (number.clone(), number)
            .prop_map(|(one, other)| format!("[1, {one}, 3].exists(n, n == {other} || n in [2, 0])")),
        Just("author.first_time".to_owned()),
        Just("[author.held, 2].filter(n, n > 1).map(n, n * 2).all(m, m != 4)".to_owned()),
        Just("[true, author.first_time].exists_one(b, b)".to_owned()),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} && {other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} || {other})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(one, yes, no)| format!("({one} ? {yes} : {no})")),
            inner.prop_map(|one| format!("!({one})")),
        ]
    })
}

/// Evaluates a rule by cel alone, with the facts of [`facts`] as plain maps.
fn by_cel_alone(source: &str, scores: &Scores) -> Result<Value, String> {
    use std::collections::HashMap;
    let facts = facts(scores);
    let mut context = Context::default();
    context.add_variable_from_value("scores", HashMap::from([("toxicity", 0.9)]));
    let comment: HashMap<&str, Value> =
        HashMap::from([("length", 29_i64.into()), ("is_reply", true.into()), ("language", "en".into())]);
    context.add_variable_from_value("comment", comment);
    let author: HashMap<&str, Value> =
        HashMap::from([("name", "Ann".into()), ("held", 3_i64.into()), ("first_time", false.into())]);
    context.add_variable_from_value("author", author);
    context.add_variable_from_value("text", facts.text);
    let program = cel::Program::compile(source).map_err(|error| error.to_string())?;
    program.execute(&context).map_err(|error| error.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_string_makes_it_panic(source in "\\PC{0,60}") {
        taken_rules_answer(&source);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        taken_rules_answer(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_soup_of_tokens_makes_it_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..14)) {
        taken_rules_answer(&tokens.join(" "));
        taken_rules_answer(&tokens.concat());
    }

    #[test]
    fn what_is_taken_answers_as_cel_alone_does(source in condition()) {
        taken_rules_answer(&source);
        let scores = Scores::new(SCORES).unwrap();
        if let Ok(expression) = Expression::compile(&source) {
            let ours = expression.evaluate(&facts(&scores).prepare());
            if let Some(quick) = expression.quick.answer(&facts(&scores).prepare()) {
                prop_assert_eq!(Ok(quick), ours, "{}", source);
            }
            let theirs = by_cel_alone(&source, &scores);
            prop_assert_eq!(ours.ok().map(Value::Bool), theirs.ok(), "{}", source);
        }
    }
}

#[test]
fn most_rules_of_one_type_are_taken() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let taken = (0..200).filter(|_| {
        let source = condition().new_tree(&mut runner).unwrap().current();
        match Expression::compile(&source) {
            Ok(_) => true,
            // Of what the generator writes only numbers can be at fault.
            Err(error) => {
                let expected = ["zero", "grows too large", "deep", "walks over texts", "two lower-case letters"];
                assert!(expected.iter().any(|words| error.sentence.contains(words)), "{source}: {error}");
                false
            }
        }
    });
    assert!(taken.count() > 120);
}

/// Holds that a rule needs no interpreter, or needs it.
fn plain(source: &str, expected: Option<bool>) {
    let scores = Scores::new(SCORES).unwrap();
    let expression = compiled(source);
    let facts = facts(&scores);
    assert_eq!(expression.quick.answer(&facts.prepare()), expected, "{source}");
    if let Some(answer) = expected {
        assert_eq!(expression.evaluate(&facts.prepare()), Ok(answer), "{source}");
    }
}

#[test]
fn plain_rules_need_no_interpreter() {
    plain("scores.toxicity >= 0.9 && comment.links > 1", Some(true));
    plain("0.9 > scores.toxicity || 2 >= comment.links", Some(true));
    plain("scores.identity_attack >= 1 && scores.profanity <= 0", Some(true));
    plain("author.first_time && [1, 2].exists(n, n == comment.links)", Some(false));
    plain("!author.first_time && [1, 2].exists(n, n == comment.links)", None);
    plain("comment.is_reply || text.matches('a{1,3}')", Some(true));
    plain("comment.site_id in ['weekly', 'daily'] && author.name != 'Bob'", Some(true));
    plain("text.contains('http:') && text.startsWith('Gr') && !text.endsWith('net')", Some(true));
    plain("has(comment.parent_id) && has(scores.spam)", Some(true));
    plain("author.held + author.rejected > 2", None);
    plain("article.mode == 'open'", Some(false));
}

#[test]
fn a_rule_says_whether_it_asks_for_the_authors_record() {
    for (source, expected) in [
        ("author.first_time", true),
        ("[1, 2].exists(n, n == author.held)", true),
        ("author.name == 'Ann' && scores.spam > 0.5", false),
    ] {
        assert_eq!(compiled(source).asks_author_record(), expected, "{source}");
    }
}
