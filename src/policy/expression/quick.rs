//! The parts of a rule that need no interpreter: fields beside literals, joined by `&&`, `||` and `!`.
//!
//! Most rules are settled by such a part for most comments, as `author.first_time && …` is for authors who are known. What
//! this can't say is left open, and the interpreter is asked; where it says something, the interpreter would have said the
//! same, which a test of random rules holds it to.

use super::{
    facts::{Name, Prepared, Slot},
    schema::Field,
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators as op},
};
use std::cmp::Ordering;

/// A lowered rule, as far as it is plain.
#[derive(Debug, Clone)]
pub(super) enum Quick {
    And(Box<[Self]>),
    Or(Box<[Self]>),
    Not(Box<Self>),
    /// A condition that is known by itself.
    Flag(usize),
    /// Whether a field has a value.
    Has(usize),
    Int(usize, Compared, i64),
    Double(usize, Compared, f64),
    Text(usize, Compared, Box<str>),
    Within(usize, Box<[Box<str>]>),
    Contains(usize, Box<str>),
    Begins(usize, Box<str>),
    Ends(usize, Box<str>),
    /// The interpreter must say.
    Open,
}

/// How a field is compared with a literal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compared {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compared {
    fn named(name: &str, turned: bool) -> Option<Self> {
        Some(match name {
            op::EQUALS => Self::Equal,
            op::NOT_EQUALS => Self::NotEqual,
            op::LESS if turned => Self::Greater,
            op::LESS_EQUALS if turned => Self::GreaterOrEqual,
            op::GREATER if turned => Self::Less,
            op::GREATER_EQUALS if turned => Self::LessOrEqual,
            op::LESS => Self::Less,
            op::LESS_EQUALS => Self::LessOrEqual,
            op::GREATER => Self::Greater,
            op::GREATER_EQUALS => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Quick {
    /// Takes from a lowered tree what is plain in it.
    pub(super) fn of(node: &IdedExpr) -> Self {
        match &node.expr {
            Expr::Ident(name) => match Name::read_field(name) {
                Some(Name::Value(field)) => Self::Flag(field.slot()),
                Some(Name::Has(field)) => Self::Has(field.slot()),
                _ => Self::Open,
            },
            Expr::Call(call) => Self::of_call(call).unwrap_or(Self::Open),
            _ => Self::Open,
        }
    }

    fn of_call(call: &CallExpr) -> Option<Self> {
        Some(match (&*call.func_name, call.target.as_deref(), &*call.args) {
            (op::LOGICAL_AND, None, sides) => Self::And(sides.iter().map(Self::of).collect()),
            (op::LOGICAL_OR, None, sides) => Self::Or(sides.iter().map(Self::of).collect()),
            (op::LOGICAL_NOT, None, [of]) => Self::Not(Box::new(Self::of(of))),
            (op::IN, None, [of, within]) => {
                let Expr::List(list) = &within.expr else { return None };
                let texts = list.elements.iter().map(|element| text(element).map(Box::from));
                Self::Within(field(of)?.slot(), texts.collect::<Option<_>>()?)
            }
            ("contains", Some(of), [part]) => Self::Contains(field(of)?.slot(), text(part)?.into()),
            ("startsWith", Some(of), [part]) => Self::Begins(field(of)?.slot(), text(part)?.into()),
            ("endsWith", Some(of), [part]) => Self::Ends(field(of)?.slot(), text(part)?.into()),
            (name, None, [left, right]) => {
                let (turned, of, with) = if field(left).is_some() { (false, left, right) } else { (true, right, left) };
                let (slot, compared) = (field(of)?.slot(), Compared::named(name, turned)?);
                let Expr::Literal(with) = &with.expr else { return None };
                match with {
                    LiteralValue::Int(number) => Self::Int(slot, compared, *number.inner()),
                    LiteralValue::Double(number) => Self::Double(slot, compared, *number.inner()),
                    LiteralValue::String(with) => Self::Text(slot, compared, with.inner().into()),
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    /// Returns whether the rule fires, or `None` where the interpreter must say.
    pub(super) fn answer(&self, facts: &Prepared<'_>) -> Option<bool> {
        match self {
            Self::And(sides) => joined(sides, facts, false),
            Self::Or(sides) => joined(sides, facts, true),
            Self::Not(of) => of.answer(facts).map(|answer| !answer),
            Self::Flag(slot) => match facts.slot(*slot)? {
                Slot::Bool(flag) => Some(*flag.inner()),
                _ => None,
            },
            Self::Has(slot) => Some(facts.slot(*slot)?.is_there()),
            Self::Int(slot, compared, with) => match facts.slot(*slot)? {
                Slot::Int(number) => Some(compared.holds(number.inner().cmp(with))),
                // Numbers of both kinds compare by what they are worth; a score has a few digits only.
                Slot::Double(number) => {
                    #[expect(clippy::cast_precision_loss, reason = "literals beside scores are small")]
                    let with = *with as f64;
                    number.inner().partial_cmp(&with).map(|order| compared.holds(order))
                }
                _ => None,
            },
            Self::Double(slot, compared, with) => match facts.slot(*slot)? {
                Slot::Double(number) => number.inner().partial_cmp(with).map(|order| compared.holds(order)),
                _ => None,
            },
            Self::Text(slot, compared, with) => Some(compared.holds(facts.text(*slot)?.cmp(with))),
            Self::Within(slot, texts) => {
                let own = facts.text(*slot)?;
                Some(texts.iter().any(|text| &**text == own))
            }
            Self::Contains(slot, part) => Some(facts.text(*slot)?.contains(&**part)),
            Self::Begins(slot, part) => Some(facts.text(*slot)?.starts_with(&**part)),
            Self::Ends(slot, part) => Some(facts.text(*slot)?.ends_with(&**part)),
            Self::Open => None,
        }
    }
}

/// Joins sides of which one that is `settles` settles it, whatever the others are.
fn joined(sides: &[Quick], facts: &Prepared<'_>, settles: bool) -> Option<bool> {
    let mut open = false;
    for side in sides {
        match side.answer(facts) {
            Some(answer) if answer == settles => return Some(settles),
            Some(_) => {}
            None => open = true,
        }
    }
    (!open).then_some(!settles)
}

fn field(node: &IdedExpr) -> Option<Field> {
    let Expr::Ident(name) = &node.expr else { return None };
    match Name::read_field(name)? {
        Name::Value(field) => Some(field),
        _ => None,
    }
}

fn text(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}
