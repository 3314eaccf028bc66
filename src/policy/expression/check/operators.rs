//! What operators take and give.

use super::{
    super::{
        ExpressionError,
        lower::string,
        schema::{Field, Scalar},
        types::Type,
    },
    Check,
};
use cel::{
    IdedExpr,
    common::ast::{Expr, operators as op},
};

impl Check<'_> {
    /// Infers a call of an operator; `None` where the call is of none.
    pub(super) fn operator(
        &mut self,
        node: &IdedExpr,
        name: &str,
        arguments: &[IdedExpr],
    ) -> Result<Option<Type>, ExpressionError> {
        let found = match (name, arguments) {
            (op::LOGICAL_AND | op::LOGICAL_OR, [left, right]) => {
                self.condition(left)?;
                self.condition(right)?;
                Type::One(Scalar::Bool)
            }
            (op::LOGICAL_NOT, [of]) => {
                self.condition(of)?;
                Type::One(Scalar::Bool)
            }
            (op::EQUALS | op::NOT_EQUALS, [left, right]) => self.equality(node, left, right)?,
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [left, right]) => {
                self.order(node, left, right)?
            }
            (op::IN, [of, within]) => self.membership(node, of, within)?,
            (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, [left, right]) => {
                self.arithmetic(node, name, left, right)?
            }
            (op::NEGATE, [of]) => match self.infer(of)? {
                found @ Type::One(Scalar::Int | Scalar::Double) => found,
                found => {
                    return self.fault(node, format!("only numbers have a minus, and this is {found}; leave it out"));
                }
            },
            (op::CONDITIONAL, [condition, yes, no]) => {
                self.condition(condition)?;
                let (one, other) = (self.infer(yes)?, self.infer(no)?);
                let Some(either) = one.either(other) else {
                    let sentence =
                        format!("both sides of : have one type, and this is {other} beside {one}; write {one}");
                    return self.fault(no, sentence);
                };
                either
            }
            (op::INDEX, [of, at]) => self.element(node, of, at)?,
            _ => return Ok(None),
        };
        Ok(Some(found))
    }

    fn equality(&mut self, node: &IdedExpr, left: &IdedExpr, right: &IdedExpr) -> Result<Type, ExpressionError> {
        let (one, other) = (self.infer(left)?, self.infer(right)?);
        self.comparable(node, one, other)?;
        self.possible(left, right)?;
        self.possible(right, left)?;
        self.pass_where_long(node, one, left, right)?;
        Ok(Type::One(Scalar::Bool))
    }

    fn order(&mut self, node: &IdedExpr, left: &IdedExpr, right: &IdedExpr) -> Result<Type, ExpressionError> {
        let (one, other) = (self.infer(left)?, self.infer(right)?);
        self.comparable(node, one, other)?;
        if one == Type::One(Scalar::Bool) {
            return self.fault(node, "of two conditions none is larger; write == or !=");
        }
        self.pass_where_long(node, one, left, right)?;
        Ok(Type::One(Scalar::Bool))
    }

    fn comparable(&self, node: &IdedExpr, one: Type, other: Type) -> Result<(), ExpressionError> {
        if one.compares_with(other) {
            return Ok(());
        }
        let instead = match (one, other) {
            (Type::One(Scalar::Text), Type::One(kind)) | (Type::One(kind), Type::One(Scalar::Text)) => {
                if kind == Scalar::Bool {
                    "write the condition alone"
                } else {
                    "write the number without quotation marks"
                }
            }
            (Type::One(Scalar::Bool), _) | (_, Type::One(Scalar::Bool)) => {
                "write the condition alone, or && between two"
            }
            _ => "compare single values, or write in",
        };
        self.fault(node, format!("{one} can't be compared with {other}; {instead}"))
    }

    /// Refuses to compare a field with a string that it never is.
    fn possible(&self, field: &IdedExpr, with: &IdedExpr) -> Result<(), ExpressionError> {
        let Expr::Select(select) = &field.expr else { return Ok(()) };
        let Expr::Ident(record) = &select.operand.expr else { return Ok(()) };
        let complaint = Field::find(Some(record), &select.field).zip(string(&with.expr));
        match complaint.and_then(|(field, text)| field.complaint(text)) {
            Some(sentence) => self.fault(with, sentence),
            None => Ok(()),
        }
    }

    /// Counts a walk where both sides may be long; against a literal, few characters are looked at.
    fn pass_where_long(
        &mut self,
        node: &IdedExpr,
        kind: Type,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Result<(), ExpressionError> {
        let literal = |side: &IdedExpr| matches!(side.expr, Expr::Literal(_));
        if kind != Type::One(Scalar::Text) || literal(left) || literal(right) { Ok(()) } else { self.pass(node, 1) }
    }

    fn membership(&mut self, node: &IdedExpr, of: &IdedExpr, within: &IdedExpr) -> Result<Type, ExpressionError> {
        let kind = self.single(of)?;
        let (holds, most) = match self.infer(within)? {
            Type::List { of, most } => (of, most),
            Type::Map { keys, most, .. } => (keys, most),
            Type::One(Scalar::Text) => {
                return self.fault(node, "in looks into lists; write contains, as in text.contains(\"a\")");
            }
            found @ Type::One(_) => {
                return self.fault(within, format!("in looks into lists, and this is {found}; write [ ] around it"));
            }
        };
        self.comparable(node, Type::One(kind), Type::One(holds))?;
        if let Expr::List(list) = &within.expr {
            for element in &list.elements {
                self.possible(of, element)?;
            }
        }
        self.step(node, most)?;
        if kind == Scalar::Text {
            self.pass(node, 1)?;
        }
        Ok(Type::One(Scalar::Bool))
    }

    fn arithmetic(
        &mut self,
        node: &IdedExpr,
        name: &str,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Result<Type, ExpressionError> {
        self.risk(node);
        let (one, other) = (self.infer(left)?, self.infer(right)?);
        let instead = match (one, other) {
            (Type::One(Scalar::Int), Type::One(Scalar::Int)) => return Ok(one),
            (Type::One(Scalar::Double), Type::One(Scalar::Double)) if name != op::MODULO => return Ok(one),
            (Type::One(Scalar::Double), Type::One(Scalar::Double)) => "write int() around both",
            (Type::One(Scalar::Int | Scalar::Double), Type::One(Scalar::Int | Scalar::Double)) => {
                "write double() around the int, or 2.0 for 2"
            }
            (Type::One(Scalar::Text), Type::One(Scalar::Text)) => "strings are not joined: test each of them",
            (Type::List { .. }, _) | (_, Type::List { .. }) => "lists are not joined: write one list",
            _ => "calculate with numbers of one type",
        };
        self.fault(node, format!("{one} and {other} can't be calculated with; {instead}"))
    }

    fn element(&mut self, node: &IdedExpr, of: &IdedExpr, at: &IdedExpr) -> Result<Type, ExpressionError> {
        self.risk(node);
        let (of, at_kind) = (self.infer(of)?, self.single(at)?);
        let (wants, gives) = match of {
            Type::List { of, .. } => (Scalar::Int, of),
            Type::Map { keys, values, .. } => (keys, values),
            Type::One(found) => {
                return self.fault(node, format!("{found} has no elements; write contains, startsWith or endsWith"));
            }
        };
        if wants != at_kind {
            return self.fault(at, format!("in this [ ] stands {wants}, and this is {at_kind}; write {wants}"));
        }
        Ok(Type::One(gives))
    }
}
