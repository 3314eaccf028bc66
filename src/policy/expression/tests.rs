use super::*;

#[test]
fn columns() {
    for source in [
        "text == 1",
        "'äöü🙂' == text && comment.  lenght > 1",
        "true ? text : 1",
        "fooo(1)",
        "text. foo (1)",
        "a",
        "1 +",
        "(1",
        "1 2",
        "text.contains('a'))",
        "'abc",
        "scores",
        "scores.toxicity",
        "[1, 'a'] == 1",
        "true &&\n  tex == 'a'",
        "\"ä\nb\"",
        "1 = 2",
        "10 / author.held > 2",
        "text matches 'a'",
        "has(text)",
        "has(scores.toxicity) && scores.toxicity > 0",
        "text.matches('a+') && text.matches('b')",
        "['a','b'].exists(w, text.contains(w))",
        "{'a': 1}['b'] == 1",
        "[1,2,3].map(x, x * 2).filter(y, y > 2).size() == 2",
        "a.b.c",
        "text{a: 1}",
        "{a: 1}",
        "{}",
        "[]",
        "-text",
        "!text",
        "!!true",
        "--1 == 1",
        "text.size() > 10",
        "1.5 > author.held",
        "author.held in [1,2]",
        "scores.toxicity in [1, 2]",
        "text < 'b'",
        "text == text",
        ".text == 'a'",
        "text[0] == 'a'",
        "int(scores.toxicity) == 1",
        "int(1.0e30) == 1",
        "null == null",
        "1u == 1",
        "r'\\d' == text",
        "text.matches(r'\\w+')",
        "text.matches(r'\\w{10}')",
        "text.matches(r'(?i)\\bfoo\\b')",
        "text.matches('(')",
        "article.mode == 'opne'",
        "comment.language in ['de', 'EN']",
        "[[1]] == 1",
        "text.?a",
        "`a`",
        "\u{201c}a\u{201d} == text",
        "text.contains(\"a\") and true",
        "",
    ] {
        println!("{source:50} {:?}", Expression::compile(source).map(|e| e.source.len()).map_err(|e| e.to_string()));
    }
}

#[test]
fn probe() {
    let one = |source: &str| {
        let begin = std::time::Instant::now();
        let result = Expression::compile(source);
        let compiled = begin.elapsed();
        let steps = ();
        let mut ran = std::time::Duration::ZERO;
        if let Ok(e) = &result {
            samples::with_each(|f| {
                let b = std::time::Instant::now();
                let _ = e.evaluate(f);
                ran = ran.max(b.elapsed());
                None::<()>
            });
        }
        println!(
            "{:40} compile {compiled:?} run {ran:?} {steps:?} {:?}",
            &source[..source.len().min(40)],
            result.map(|_| ()).map_err(|e| e.to_string())
        );
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        one(&"(".repeat(2000));
        one(&format!("{}true{}", "(".repeat(16), ")".repeat(16)));
        one(&format!("{}true{}", "[".repeat(16), "]".repeat(16)));
        one(&format!("{}1{} == 1", "-(".repeat(16), ")".repeat(16)));
        one(&"!".repeat(511));
        one(&format!("{}true", "!".repeat(511)));
        one(&format!("1{} == 1", "-1".repeat(253)));
        one(&format!("1{} == 1", "*1".repeat(253)));
        one(&format!("true{}", "==true".repeat(255)));
        one(&format!("true{}", "&&true".repeat(255)));
        one(&format!("true{}", "||true".repeat(255)));
        one(&format!("{}true", "true?true:".repeat(16)));
        one(&format!("{}true", "true?true:".repeat(100)));
        one(&format!("text{}", ".a".repeat(255)));
        one(&format!("text{}", "[0]".repeat(170)));
        one(&format!("text{}", ".a()".repeat(127)));
        one(&format!("[1{}].exists(n, n == 1)", ",1".repeat(245)));
        one(&format!("[1{}].exists(n, n == 2 && n == 3)", ",1".repeat(240)));
        one(&format!("[1{}].map(n, n).size() == 2", ",1".repeat(240)));
        one(&format!("[1{}].all(n, n in [1{}])", ",1".repeat(110), ",1".repeat(110)));
        one(&format!("[1{}].all(n, n in [2{}] || n == 1)", ",1".repeat(70), ",2".repeat(70)));
        one(&format!("[\"aaab\"{}].all(n, !text.contains(n))", ",\"a a\"".repeat(230)));
        one(&format!("[\"aaab\"{}].all(n, !text.contains(n))", ",\"b a b  \"".repeat(190)));
        one("text.matches(r'(a|b| )*a(a|b| ){60}c') || text.matches(r'(a|b| )*a(a|b| ){61}c') || text.matches(r'(a|b| )*a(a|b| ){62}c')");
        one("text.matches(r'[a-z ]*a[a-z ]{1,90}c')");
        one("text.matches(r'(\\w+\\s+){1,3}c')");
        one("text.matches(r'(([a-z ]*a){1,9}[a-z ]{1,80}c){1,3}')");
        one("text.matches(r'^(([a-z ]*a){1,9}[a-z ]{1,80}){1,3}[^a-z ]')");
        one("text.matches(r'\\b\\w+\\b.*\\bzz\\b')");
        one("text.matches(r'(?i)[äöüß]+ße')");
        one(&"a b ".repeat(250));
        one(&"[".repeat(10));
        one(&"{{".repeat(5));
        one(&format!("{}{}", "a?b:(".repeat(15), ")".repeat(15)));
        one(&format!("{}", "a.b(c,".repeat(16)));
        one(&format!("{}1{}", "a(b,[c,{d:".repeat(5), "}])".repeat(5)));
        one(&format!("{} == 1", "9".repeat(400)));
        one(&format!("{}.0 == 1.0", "9".repeat(400)));
        one("1e999 == 1.0");
        one("-9223372036854775808 == 1");
        one("9223372036854775808 == 1");
        one("0x == 1"); one("0xff == 1"); one("1.e == 1"); one("1_000 == 1"); one("1 2"); one("'\\q' == text"); one("'\\ud800' == text"); one("'\\U00110000' == text"); one("'\\x' == text"); one("'\\400' == text"); one("b'\\xff' == text"); one("'a\0' == text"); one("true // text \n"); one("// only"); one("1 // 2"); one("text ?"); one("in in in"); one("scores.in"); one("scores . toxicity > 0.5"); one("if(true)"); one("let x = 1"); one("for"); one("package == 1"); one("\u{feff}true"); one("true\u{a0}"); one("'''a\n''' == text"); one("'''a''''"); one("''''''"); one("text.matches('')"); one("{true: 1, true: 2}[true] == 1");
    });
    thread.unwrap().join().unwrap();
}
