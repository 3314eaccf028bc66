//! Functions, methods and loops.

use super::{
    super::{
        ExpressionError,
        limits::PLACES_MAX,
        lower::string,
        pattern::Pattern,
        schema::{Field, RECORDS, Scalar, list},
        types::Type,
    },
    Check, Variable,
    nearest::nearest,
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr},
};

const FUNCTIONS: [&str; 4] = ["has", "size", "int", "double"];
const METHODS: [&str; 10] =
    ["contains", "startsWith", "endsWith", "matches", "size", "all", "exists", "exists_one", "filter", "map"];
/// What a loop does beside its body, for each element.
const LOOP_STEPS: u64 = 6;

impl Check<'_> {
    pub(super) fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Result<Type, ExpressionError> {
        if let Some(target) = &call.target {
            return self.method(node, call, target);
        }
        if let Some(found) = self.operator(node, &call.func_name, &call.args)? {
            return Ok(found);
        }
        match (&*call.func_name, call.args.as_slice()) {
            ("has", [of]) => self.has(node, of),
            ("size", [of]) => self.size(node, of),
            ("double", [of]) => match self.infer(of)? {
                Type::One(Scalar::Int | Scalar::Double) => Ok(Type::One(Scalar::Double)),
                found => self.fault(node, format!("double() takes a number, and this is {found}; write a number")),
            },
            ("int", [of]) => {
                self.risk(node);
                match self.infer(of)? {
                    Type::One(Scalar::Int | Scalar::Double) => Ok(Type::One(Scalar::Int)),
                    found => self.fault(node, format!("int() takes a number, and this is {found}; write a number")),
                }
            }
            (name, _) if FUNCTIONS.contains(&name) => {
                self.fault(node, format!("{name}() takes one value; write one between its brackets"))
            }
            (name, _) if METHODS.contains(&name) => {
                self.fault(node, format!("{name} stands behind what it looks at; write it as in text.{name}(…)"))
            }
            (name, _) => self.unknown(node, name, "function", &FUNCTIONS),
        }
    }

    fn unknown<T>(&self, node: &IdedExpr, name: &str, what: &str, known: &[&str]) -> Result<T, ExpressionError> {
        let instead = match nearest(name, known) {
            Some(near) => format!("write {near}"),
            None => format!("there are {}", list(known)),
        };
        self.fault(node, format!("there is no {what} {name}; {instead}"))
    }

    /// Infers `has(a.b)`.
    fn has(&mut self, node: &IdedExpr, of: &IdedExpr) -> Result<Type, ExpressionError> {
        self.step(of, 1)?;
        let Expr::Select(select) = &of.expr else {
            return self.fault(node, "has() takes a field; write it as in has(comment.parent_id)");
        };
        let field: Field = self.field(of, select)?;
        if !field.may_be_missing() {
            return self.fault(node, format!("{field} is always there; leave has() out"));
        }
        Ok(Type::One(Scalar::Bool))
    }

    fn size(&mut self, node: &IdedExpr, of: &IdedExpr) -> Result<Type, ExpressionError> {
        match self.infer(of)? {
            Type::One(Scalar::Text) => self.pass(node, 1)?,
            Type::List { .. } | Type::Map { .. } => {}
            found @ Type::One(_) => {
                return self.fault(node, format!("{found} has no size; take the size of a string or a list"));
            }
        }
        Ok(Type::One(Scalar::Int))
    }

    fn method(&mut self, node: &IdedExpr, call: &CallExpr, target: &IdedExpr) -> Result<Type, ExpressionError> {
        let name = &*call.func_name;
        match (name, call.args.as_slice()) {
            ("contains" | "startsWith" | "endsWith" | "matches", [of]) => {
                self.text_before(target, name)?;
                let found = self.infer(of)?;
                if found != Type::One(Scalar::Text) {
                    return self.fault(of, format!("{name} takes a string, and this is {found}; write a string"));
                }
                if name == "matches" {
                    self.pattern(node, of)?;
                } else {
                    self.pass(node, 1)?;
                }
                Ok(Type::One(Scalar::Bool))
            }
            ("size", []) => self.size(node, target),
            ("all" | "exists" | "exists_one" | "filter", [variable, body]) => {
                let (of, most) = self.enter(node, target, variable)?;
                self.condition(body)?;
                self.leave();
                Ok(if name == "filter" { Type::List { of, most } } else { Type::One(Scalar::Bool) })
            }
            ("map", [variable, rest @ .., body]) if rest.len() <= 1 => {
                let (_, most) = self.enter(node, target, variable)?;
                for condition in rest {
                    self.condition(condition)?;
                }
                let of = self.single(body)?;
                self.leave();
                Ok(Type::List { of, most })
            }
            ("all" | "exists" | "exists_one" | "filter" | "map", _) => self.fault(
                node,
                format!("{name} takes a name and what to do with it; write it as in [1, 2].{name}(n, n > 1)"),
            ),
            ("size", _) => self.fault(node, "size takes nothing; write size()"),
            (name, _) if METHODS.contains(&name) => self.fault(node, format!("{name} takes one string; write one")),
            (name, _) if FUNCTIONS.contains(&name) => {
                self.fault(node, format!("{name} stands before what it looks at; write {name}(…)"))
            }
            (name, _) => self.unknown(node, name, "method", &METHODS),
        }
    }

    fn text_before(&mut self, target: &IdedExpr, name: &str) -> Result<(), ExpressionError> {
        match self.infer(target)? {
            Type::One(Scalar::Text) => Ok(()),
            found @ (Type::List { .. } | Type::Map { .. }) => {
                self.fault(target, format!("{name} looks into a string, and this is {found}; write in, or exists"))
            }
            found @ Type::One(_) => {
                self.fault(target, format!("{name} looks into a string, and this is {found}; compare it instead"))
            }
        }
    }

    /// Compiles a regular expression, once for all its places.
    fn pattern(&mut self, node: &IdedExpr, source: &IdedExpr) -> Result<(), ExpressionError> {
        let Some(text) = string(&source.expr) else {
            return self
                .fault(source, "a regular expression is written out; write it in quotation marks, as in r\"a+b\"");
        };
        let (pattern, places) = match Pattern::compile(text) {
            Ok(compiled) => compiled,
            Err(sentence) => return self.fault(source, sentence),
        };
        self.places = self.places.saturating_add(places.max(1).saturating_mul(self.times));
        if self.places > PLACES_MAX {
            let sentence = format!(
                "the regular expressions of the rule can be at more than {PLACES_MAX} places together; write a word list, or two rules"
            );
            return self.fault(node, sentence);
        }
        if !self.pattern_sources.iter().any(|own| own == text) {
            self.patterns.push(pattern);
            self.pattern_sources.push(text.to_owned());
        }
        Ok(())
    }

    /// Goes into the body of a loop; returns what its variable is and how often it runs at most.
    fn enter(
        &mut self,
        node: &IdedExpr,
        target: &IdedExpr,
        variable: &IdedExpr,
    ) -> Result<(Scalar, u64), ExpressionError> {
        if self.variable.is_some() {
            return self.fault(node, "loops don't stand in loops; write the inner one out, or make two rules");
        }
        let (kind, most) = match self.infer(target)? {
            Type::List { of, most } => (of, most),
            Type::Map { keys, most, .. } => (keys, most),
            found @ Type::One(_) => {
                return self
                    .fault(node, format!("a loop goes over a list, and this is {found}; write one before the dot"));
            }
        };
        let Expr::Ident(name) = &variable.expr else {
            return self.fault(variable, "the first thing in a loop is a name; write one, such as w");
        };
        if RECORDS.contains(&&**name) || Field::find(None, name).is_some() || !name.starts_with(char::is_alphabetic) {
            return self.fault(variable, format!("{name} can't be a loop's name; write another, such as w"));
        }
        self.step(node, most.saturating_mul(LOOP_STEPS))?;
        self.variable = Some(Variable { name: name.clone(), kind });
        self.times = most;
        Ok((kind, most))
    }

    /// Comes back out of a loop; there is never one around it.
    fn leave(&mut self) {
        self.variable = None;
        self.times = 1;
    }
}
