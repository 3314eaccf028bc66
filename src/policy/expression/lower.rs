//! A checked tree in the form that is run: each field one name, each regular expression compiled.

use super::{
    facts::Name,
    schema::{Field, RECORDS},
};
use cel::{
    IdedExpr,
    common::ast::{EntryExpr, Expr, LiteralValue},
};

/// Rewrites a tree with its macros expanded; the patterns of `matches` are numbered in the order of `patterns`.
///
/// A loop's variable can't have the name of a record or of `text`: the check saw to it.
pub(super) fn lower(node: &mut IdedExpr, patterns: &[String]) {
    if let Some(name) = named(&node.expr) {
        node.expr = Expr::Ident(name.spell());
        return;
    }
    match &mut node.expr {
        Expr::Call(call) => {
            if let ("matches", Some(pattern)) = (&*call.func_name, call.args.first_mut()) {
                let number = string(&pattern.expr).and_then(|text| patterns.iter().position(|own| own == text));
                if let Some(number) = number {
                    pattern.expr = Expr::Ident(Name::Pattern(number).spell());
                }
            }
            call.target.iter_mut().for_each(|target| lower(target, patterns));
            call.args.iter_mut().for_each(|argument| lower(argument, patterns));
        }
        Expr::Comprehension(of) => {
            for part in [&mut of.iter_range, &mut of.accu_init, &mut of.loop_cond, &mut of.loop_step, &mut of.result] {
                lower(part, patterns);
            }
        }
        Expr::List(list) => list.elements.iter_mut().for_each(|element| lower(element, patterns)),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    lower(&mut entry.key, patterns);
                    lower(&mut entry.value, patterns);
                }
            }
        }
        Expr::Select(select) => lower(&mut select.operand, patterns),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) => {}
    }
}

/// Returns the string that a literal holds.
pub(super) fn string(node: &Expr) -> Option<&str> {
    match node {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// Lists the fields that a lowered tree asks for.
pub(super) fn fields(node: &IdedExpr, found: &mut Vec<Field>) {
    match &node.expr {
        Expr::Ident(name) => {
            if let Some(Name::Value(field) | Name::Has(field)) = Name::read_field(name) {
                found.push(field);
            }
        }
        Expr::Call(call) => {
            call.target.iter().for_each(|target| fields(target, found));
            call.args.iter().for_each(|argument| fields(argument, found));
        }
        Expr::Comprehension(of) => {
            for part in [&of.iter_range, &of.accu_init, &of.loop_cond, &of.loop_step, &of.result] {
                fields(part, found);
            }
        }
        Expr::List(list) => list.elements.iter().for_each(|element| fields(element, found)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    fields(&entry.key, found);
                    fields(&entry.value, found);
                }
            }
        }
        Expr::Select(select) => fields(&select.operand, found),
        Expr::Unspecified | Expr::Literal(_) | Expr::Struct(_) => {}
    }
}

fn named(node: &Expr) -> Option<Name> {
    match node {
        Expr::Ident(name) => Field::find(None, name).map(Name::Value),
        Expr::Select(select) => match &select.operand.expr {
            Expr::Ident(record) if RECORDS.contains(&&**record) => {
                let field = Field::find(Some(record), &select.field)?;
                Some(if select.test { Name::Has(field) } else { Name::Value(field) })
            }
            _ => None,
        },
        _ => None,
    }
}
