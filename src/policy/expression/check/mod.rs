//! Types and costs, found without running anything.
//!
//! In comes a tree in which macros still stand as calls; out go the rule's regular expressions, or the first fault with
//! its column. Each node gets a [`Type`], and adds its steps and passes, times the elements of the loop that it is in.

mod calls;
mod nearest;
mod operators;

use super::{
    ExpressionError,
    limits::{DEPTH_MAX, PASSES_MAX, STEPS_MAX},
    parse::Tree,
    pattern::Pattern,
    schema::{Field, RECORDS, Scalar, list},
    types::Type,
};
use cel::{
    IdedExpr,
    common::ast::{EntryExpr, Expr, ListExpr, LiteralValue, MapExpr, SelectExpr},
};

/// What the check found out.
#[derive(Debug)]
pub(super) struct Checked {
    /// The regular expressions, and below in the same order their sources.
    pub(super) patterns: Vec<Pattern>,
    pub(super) pattern_sources: Vec<String>,
    /// The column of what may fail on some comments: a division, an element, a conversion.
    pub(super) risky: usize,
}

/// Checks a rule.
pub(super) fn check(tree: &Tree<'_>) -> Result<Checked, ExpressionError> {
    let mut check = Check {
        tree,
        variable: None,
        depth: 0,
        times: 1,
        steps: 0,
        passes: 0,
        places: 0,
        patterns: Vec::new(),
        pattern_sources: Vec::new(),
        risky: None,
    };
    let found = check.infer(&tree.root)?;
    if found != Type::One(Scalar::Bool) {
        return check
            .fault(&tree.root, format!("a rule is a condition, and this is {found}; compare it with something"));
    }
    let Check { patterns, pattern_sources, risky, .. } = check;
    Ok(Checked { patterns, pattern_sources, risky: risky.unwrap_or(1) })
}

/// The variable of the loop that is being looked at.
#[derive(Debug, Clone)]
struct Variable {
    name: String,
    kind: Scalar,
}

struct Check<'t> {
    tree: &'t Tree<'t>,
    variable: Option<Variable>,
    /// How many nodes stand above what is being looked at.
    depth: usize,
    /// How often what is being looked at is run.
    times: u64,
    steps: u64,
    passes: u64,
    /// Places that regular expressions can be at.
    places: u64,
    patterns: Vec<Pattern>,
    pattern_sources: Vec<String>,
    risky: Option<usize>,
}

impl Check<'_> {
    fn fault<T>(&self, node: &IdedExpr, sentence: impl Into<String>) -> Result<T, ExpressionError> {
        Err(ExpressionError::new(self.tree.column(node), sentence))
    }

    /// Remembers the first node that may fail on some comments.
    fn risk(&mut self, node: &IdedExpr) {
        let column = self.tree.column(node);
        self.risky.get_or_insert(column);
    }

    /// Counts steps of a node, each as often as the node is run.
    fn step(&mut self, node: &IdedExpr, steps: u64) -> Result<(), ExpressionError> {
        self.steps = self.steps.saturating_add(steps.saturating_mul(self.times));
        if self.steps > STEPS_MAX {
            return self.fault(node, format!("the rule takes more than {STEPS_MAX} steps; shorten a list or a loop"));
        }
        Ok(())
    }

    /// Counts walks over a text.
    fn pass(&mut self, node: &IdedExpr, passes: u64) -> Result<(), ExpressionError> {
        self.passes = self.passes.saturating_add(passes.saturating_mul(self.times));
        if self.passes > PASSES_MAX {
            let sentence =
                format!("the rule walks over texts more than {PASSES_MAX} times; use a word list, or two rules");
            return self.fault(node, sentence);
        }
        Ok(())
    }

    fn infer(&mut self, node: &IdedExpr) -> Result<Type, ExpressionError> {
        self.step(node, 1)?;
        if self.depth == DEPTH_MAX {
            let sentence = format!("the rule is more than {DEPTH_MAX} operators deep; make two rules of it");
            return self.fault(node, sentence);
        }
        self.depth += 1;
        let found = self.infer_inner(node);
        self.depth -= 1;
        found
    }

    fn infer_inner(&mut self, node: &IdedExpr) -> Result<Type, ExpressionError> {
        match &node.expr {
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Ident(name) => self.ident(node, name),
            Expr::Select(select) => self.select(node, select),
            Expr::Call(call) => self.call(node, call),
            Expr::List(list) => self.list(node, list),
            Expr::Map(map) => self.map(node, map),
            Expr::Struct(_) => self.fault(node, "there are no messages here; write a map, such as {\"a\": 1}"),
            Expr::Comprehension(_) | Expr::Unspecified => {
                self.fault(node, "this can't be read; write it in a simpler way")
            }
        }
    }

    /// Infers a part that must be a single value.
    fn single(&mut self, node: &IdedExpr) -> Result<Scalar, ExpressionError> {
        match self.infer(node)? {
            Type::One(scalar) => Ok(scalar),
            found => self.fault(node, format!("a single value must stand here, and this is {found}; take an element")),
        }
    }

    /// Infers a part that must be a condition.
    fn condition(&mut self, node: &IdedExpr) -> Result<(), ExpressionError> {
        match self.infer(node)? {
            Type::One(Scalar::Bool) => Ok(()),
            found => {
                self.fault(node, format!("a condition must stand here, and this is {found}; compare it with something"))
            }
        }
    }

    fn literal(&self, node: &IdedExpr, literal: &LiteralValue) -> Result<Type, ExpressionError> {
        Ok(Type::One(match literal {
            LiteralValue::Boolean(_) => Scalar::Bool,
            LiteralValue::Int(_) => Scalar::Int,
            LiteralValue::Double(_) => Scalar::Double,
            LiteralValue::String(_) => Scalar::Text,
            LiteralValue::UInt(_) => return self.fault(node, "numbers have no u behind them; write the number alone"),
            LiteralValue::Bytes(_) => return self.fault(node, "there are no bytes here; write the string without b"),
            LiteralValue::Null => return self.fault(node, "nothing is ever null; write has() or compare with \"\""),
        }))
    }

    fn ident(&self, node: &IdedExpr, name: &str) -> Result<Type, ExpressionError> {
        if let Some(variable) = self.variable.as_ref().filter(|variable| variable.name == name) {
            return Ok(Type::One(variable.kind));
        }
        if let Some(field) = Field::find(None, name) {
            return Ok(Type::One(field.kind()));
        }
        if RECORDS.contains(&name) {
            let names = list(&Field::names_of(name));
            return self.fault(node, format!("{name} alone is no value; write {name}. and one of {names}"));
        }
        let mut known: Vec<&str> = RECORDS.into_iter().chain(["text"]).collect();
        known.extend(self.variable.as_ref().map(|variable| &*variable.name));
        // Who forgets the record most likely means the field of it.
        let owner = Field::all().find(|field| field.parts().1 == name);
        let instead = match (owner, nearest::nearest(name, &known)) {
            (Some(field), _) => format!("write {field}"),
            (None, Some(near)) => format!("write {near}"),
            (None, None) => format!("write one of {}", list(&known)),
        };
        self.fault(node, format!("there is nothing called {name}; {instead}"))
    }

    /// Finds the field that `a.b` means.
    fn field(&self, node: &IdedExpr, select: &SelectExpr) -> Result<Field, ExpressionError> {
        let Expr::Ident(record) = &select.operand.expr else {
            return self.fault(
                node,
                format!("nothing here has a field {}; write a record's name before the dot", select.field),
            );
        };
        if self.variable.as_ref().is_some_and(|variable| variable.name == *record) {
            return self.fault(node, format!("{record} has no fields; write {record} alone"));
        }
        if !RECORDS.contains(&&**record) {
            let instead = match nearest::nearest(record, &RECORDS) {
                Some(near) => format!("write {near}.{}", select.field),
                None => format!("write one of {} before the dot", list(&RECORDS)),
            };
            return self.fault(&select.operand, format!("nothing called {record} has fields; {instead}"));
        }
        let Some(field) = Field::find(Some(record), &select.field) else {
            let names = Field::names_of(record);
            let instead = match nearest::nearest(&select.field, &names) {
                Some(near) => format!("write {record}.{near}"),
                None => format!("write one of {}", list(&names)),
            };
            return self.fault(node, format!("{record} has no {}; {instead}", select.field));
        };
        Ok(field)
    }

    fn select(&mut self, node: &IdedExpr, select: &SelectExpr) -> Result<Type, ExpressionError> {
        Ok(Type::One(self.field(node, select)?.kind()))
    }

    fn list(&mut self, node: &IdedExpr, list: &ListExpr) -> Result<Type, ExpressionError> {
        let Some(first) = list.elements.first() else {
            return self.fault(node, "this list holds nothing; write what is to be in it");
        };
        let of = self.single(first)?;
        for element in &list.elements[1..] {
            let found = self.single(element)?;
            if found != of {
                let sentence = format!(
                    "a list holds values of one type, and this is {found} in a list of {}; write {of}",
                    of.name()
                );
                return self.fault(element, sentence);
            }
        }
        Ok(Type::List { of, most: count(list.elements.len()) })
    }

    fn map(&mut self, node: &IdedExpr, map: &MapExpr) -> Result<Type, ExpressionError> {
        let mut found = None;
        let mut seen = Vec::new();
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return self.fault(node, "a map has keys and values; write {\"a\": 1}");
            };
            let (keys, values) = (self.single(&entry.key)?, self.single(&entry.value)?);
            if !matches!(entry.key.expr, Expr::Literal(_)) || keys == Scalar::Double {
                return self.fault(&entry.key, "a key is a string, an int or a bool that is written out; write \"a\"");
            }
            if seen.contains(&&entry.key.expr) {
                return self.fault(&entry.key, "this key stands here twice; leave one out");
            }
            seen.push(&entry.key.expr);
            let (first_keys, first_values) = *found.get_or_insert((keys, values));
            if first_keys != keys {
                return self.fault(&entry.key, format!("keys have one type; write {first_keys}"));
            }
            if first_values != values {
                return self.fault(&entry.value, format!("values have one type; write {first_values}"));
            }
        }
        match found {
            Some((keys, values)) => Ok(Type::Map { keys, values, most: count(map.entries.len()) }),
            None => self.fault(node, "this map holds nothing; write what is to be in it"),
        }
    }
}

fn count(elements: usize) -> u64 {
    u64::try_from(elements).unwrap_or(u64::MAX)
}
