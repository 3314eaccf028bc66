//! What is looked at before anything is parsed: a source that the parser could choke on never reaches it.
//!
//! The parser recurses for each bracket and for each `? :`, and its tree is as deep as a chain of operators is long. So
//! brackets, conditionals and tokens are counted first, by a scan that recurses for nothing. The scan also finds what
//! people write who know other languages, since it can say so better than a parser.

use super::{
    ExpressionError,
    limits::{BRACKETS_MAX, CONDITIONALS_MAX, SOURCE_BYTES_MAX, TOKENS_MAX},
};

/// Refuses a source that is too long, too deep or visibly no CEL.
pub(super) fn check(source: &str) -> Result<(), ExpressionError> {
    if source.len() > SOURCE_BYTES_MAX {
        let sentence = format!("a rule has at most {SOURCE_BYTES_MAX} bytes; make two rules of it");
        return Err(ExpressionError::new(1, sentence));
    }
    let chars: Vec<char> = source.chars().collect();
    let mut scan = Scan { chars: &chars, at: 0, tokens: 0, conditionals: 0, open: Vec::new() };
    while scan.at < chars.len() {
        scan.token()?;
    }
    if scan.tokens == 0 {
        return Err(ExpressionError::new(1, "the rule is empty; write a condition, such as scores.toxicity > 0.9"));
    }
    match scan.open.last() {
        Some((column, bracket)) => {
            Err(ExpressionError::new(*column, format!("this {bracket} is never closed; close it")))
        }
        None => Ok(()),
    }
}

struct Scan<'a> {
    chars: &'a [char],
    at: usize,
    tokens: usize,
    conditionals: usize,
    /// The columns of the brackets that are open.
    open: Vec<(usize, char)>,
}

impl Scan<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn fault<T>(&self, sentence: impl Into<String>) -> Result<T, ExpressionError> {
        Err(ExpressionError::new(self.at + 1, sentence))
    }

    /// Passes one token, or what stands between two.
    fn token(&mut self) -> Result<(), ExpressionError> {
        let Some(c) = self.peek(0) else { return Ok(()) };
        if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
            self.at += 1;
            return Ok(());
        }
        if c == '/' && self.peek(1) == Some('/') {
            while self.peek(0).is_some_and(|c| c != '\n') {
                self.at += 1;
            }
            return Ok(());
        }
        self.tokens += 1;
        if self.tokens > TOKENS_MAX {
            let sentence = format!("a rule has at most {TOKENS_MAX} names, values and signs; make two rules of it");
            return self.fault(sentence);
        }
        match c {
            'a'..='z' | 'A'..='Z' | '_' => self.word(),
            '0'..='9' => {
                self.pass_while(|c| c.is_ascii_alphanumeric() || c == '.');
                Ok(())
            }
            '"' | '\'' => self.text(false),
            '(' | '[' | '{' => {
                self.open.push((self.at + 1, c));
                if self.open.len() > BRACKETS_MAX {
                    return self
                        .fault(format!("brackets stand in each other at most {BRACKETS_MAX} deep; leave some out"));
                }
                self.at += 1;
                Ok(())
            }
            ')' | ']' | '}' => self.close(c),
            _ => self.sign(c),
        }
    }

    fn close(&mut self, c: char) -> Result<(), ExpressionError> {
        let opening = match c {
            ')' => '(',
            ']' => '[',
            _ => '{',
        };
        match self.open.pop() {
            Some((_, open)) if open == opening => {
                self.at += 1;
                Ok(())
            }
            Some((column, open)) => {
                self.fault(format!("{c} can't close the {open} of column {column}; close that first"))
            }
            None => self.fault(format!("{c} closes nothing; leave it out or write {opening} before")),
        }
    }

    fn pass_while(&mut self, passes: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&passes) {
            self.at += 1;
        }
    }

    fn word(&mut self) -> Result<(), ExpressionError> {
        let begin = self.at;
        self.pass_while(|c| c.is_ascii_alphanumeric() || c == '_');
        let word: String = self.chars[begin..self.at].iter().collect();
        let lower = word.to_ascii_lowercase();
        if matches!(self.peek(0), Some('"' | '\'')) && matches!(&*lower, "r" | "b" | "br") {
            return self.text(lower.contains('r'));
        }
        let instead = match &*lower {
            "and" => "&&",
            "or" => "||",
            "not" => "!",
            _ => return Ok(()),
        };
        // A field or a function may be called so; alone, it is a habit from other languages.
        if self.chars[..begin].ends_with(&['.']) || self.peek(0) == Some('(') && instead != "!" {
            return Ok(());
        }
        Err(ExpressionError::new(begin + 1, format!("{word} is not a word of CEL; write {instead}")))
    }

    /// Passes a string; its prefix is passed already.
    fn text(&mut self, raw: bool) -> Result<(), ExpressionError> {
        let begin = self.at;
        let quote = self.peek(0);
        let long = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if long { 3 } else { 1 };
        loop {
            match self.peek(0) {
                Some('\\') if !raw => self.escape()?,
                c if c == quote && !long => {
                    self.at += 1;
                    return Ok(());
                }
                c if c == quote && self.peek(1) == quote && self.peek(2) == quote => {
                    self.at += 3;
                    return Ok(());
                }
                Some(c) if long || !matches!(c, '\n' | '\r') => self.at += 1,
                _ => {
                    return Err(ExpressionError::new(
                        begin + 1,
                        "this string never ends; end it with its quotation mark",
                    ));
                }
            }
        }
    }

    /// Passes a backslash and what belongs to it.
    ///
    /// The lexer would skip what it doesn't know, and then take what stands in the string for signs.
    fn escape(&mut self) -> Result<(), ExpressionError> {
        let digits = match self.peek(1) {
            Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '"' | '\'' | '\\' | '?' | '`') => Some((2, 0, 16)),
            Some('x' | 'X') => Some((2, 2, 16)),
            Some('u') => Some((2, 4, 16)),
            Some('U') => Some((2, 8, 16)),
            Some('0'..='3') => Some((1, 3, 8)),
            _ => None,
        };
        match digits {
            Some((begin, count, radix))
                if (begin..begin + count).all(|ahead| self.peek(ahead).is_some_and(|c| c.is_digit(radix))) =>
            {
                self.at += begin + count;
                Ok(())
            }
            _ => self.fault("this backslash means nothing; write \\\\ for one, or r before the string"),
        }
    }

    fn sign(&mut self, c: char) -> Result<(), ExpressionError> {
        let doubled = self.peek(1) == Some(c);
        let width = match (c, self.peek(1)) {
            ('&' | '|', _) if doubled => 2,
            ('&', _) => return self.fault("& alone means nothing; write && for and"),
            ('|', _) => return self.fault("| alone means nothing; write || for or"),
            ('=', Some('=')) if self.peek(2) == Some('=') => return self.fault("=== means nothing; write =="),
            ('=' | '!' | '<' | '>', Some('=')) => 2,
            ('<', Some('>')) => return self.fault("<> means nothing; write != for unequal"),
            ('=', _) => return self.fault("= alone means nothing; write == to compare"),
            ('?', _) => {
                self.conditionals += 1;
                if self.conditionals > CONDITIONALS_MAX {
                    return self.fault(format!("a rule has at most {CONDITIONALS_MAX} of ?; make two rules of it"));
                }
                1
            }
            ('!' | '<' | '>' | '+' | '-' | '*' | '/' | '%' | ':' | ',' | '.', _) => 1,
            ('\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\u{ab}' | '\u{bb}', _) => {
                return self.fault("strings stand in straight quotation marks; write \"");
            }
            _ => return self.fault("this character means nothing outside of a string; put it in quotation marks"),
        };
        self.at += width;
        Ok(())
    }
}
