use syn::{Attribute, FnArg, Ident, ReturnType, Signature, Type, TypeReference, Visibility};

use super::super::parse::{self, Options};
use super::{Described, conditions, refuse_generics};
use crate::shared::Mistakes;

/// A handler function.
pub(in super::super) struct Function<'a> {
    pub(in super::super) described: Described,
    pub(in super::super) conditions: Vec<&'a Attribute>,
    pub(in super::super) visibility: &'a Visibility,
    pub(in super::super) ident: &'a Ident,
    pub(in super::super) message: &'a Type,
    /// Whether it takes the message by value.
    pub(in super::super) owns: bool,
    /// What it asks for, without the `&`.
    pub(in super::super) arguments: Vec<&'a Type>,
    pub(in super::super) output: &'a Type,
}

/// Finds out what is meant; nothing after a mistake that leaves nothing to be meant.
pub(in super::super) fn function<'a>(
    written: &'a parse::Function,
    options: &Options,
    mistakes: &mut Mistakes,
) -> Option<Function<'a>> {
    let parse::Function { attributes, visibility, signature } = written;
    let described = Described::check(options, Some(&signature.ident), mistakes);
    check_head(signature, mistakes);
    let output = output(signature, mistakes);
    let mut inputs = inputs(signature, mistakes).into_iter();
    let message = message(signature, inputs.next(), mistakes);
    let arguments = inputs.filter_map(|ty| argument(ty, mistakes)).collect();
    let (message, owns) = message?;
    let conditions = conditions(attributes);
    Some(Function {
        described,
        conditions,
        visibility,
        ident: &signature.ident,
        message,
        owns,
        arguments,
        output: output?,
    })
}

fn check_head(signature: &Signature, mistakes: &mut Mistakes) {
    if signature.asyncness.is_none() {
        mistakes.add(signature.fn_token, "a handler is async: write `async fn`");
    }
    if let Some(word) = &signature.constness {
        mistakes.add(word, "a handler can't be `const`: remove it");
    }
    if let Some(word) = &signature.unsafety {
        mistakes.add(word, "a handler can't be `unsafe`, since it is Catga that calls it: remove it");
    }
    if let Some(abi) = &signature.abi {
        mistakes.add(abi, "a handler is a function of Rust's: remove this");
    }
    refuse_generics(&signature.generics, mistakes);
}

fn output<'a>(signature: &'a Signature, mistakes: &mut Mistakes) -> Option<&'a Type> {
    match &signature.output {
        ReturnType::Type(_, ty) => Some(ty),
        ReturnType::Default => {
            let message = "say what it returns: `-> Result<…>` with the response, or `-> Result<()>` for an event";
            mistakes.add(&signature.ident, message);
            None
        }
    }
}

/// The types of what the function takes.
fn inputs<'a>(signature: &'a Signature, mistakes: &mut Mistakes) -> Vec<&'a Type> {
    let typed = |input: &'a FnArg| match input {
        FnArg::Typed(typed) => Some(bare(&typed.ty)),
        FnArg::Receiver(receiver) => {
            let message = "a handler function has no `self`; for a handler type put `#[handler]` on \
                           `impl RequestHandler<…> for …` or `impl EventHandler<…> for …`";
            mistakes.add(receiver, message);
            None
        }
    };
    signature.inputs.iter().filter_map(typed).collect()
}

/// The message's type, and whether the function takes it by value.
fn message<'a>(signature: &Signature, first: Option<&'a Type>, mistakes: &mut Mistakes) -> Option<(&'a Type, bool)> {
    match first {
        None => {
            let name = &signature.ident;
            let message = "a handler takes its message first, by value or by reference";
            mistakes.add(name, format!("{message}: `async fn {name}(cmd: …)`"));
            None
        }
        Some(Type::Reference(TypeReference { mutability: Some(word), .. })) => {
            mistakes.add(word, "others may read the message as well: take it by `&`, or by value");
            None
        }
        Some(Type::Reference(TypeReference { elem, .. })) => named(elem, mistakes).map(|ty| (ty, false)),
        Some(ty) => named(ty, mistakes).map(|ty| (ty, true)),
    }
}

/// The type of what is asked for.
fn argument<'a>(ty: &'a Type, mistakes: &mut Mistakes) -> Option<&'a Type> {
    match ty {
        Type::Reference(TypeReference { mutability: Some(word), .. }) => {
            let message = "all calls share what a handler asks for: take it by `&`, and keep what changes in a lock";
            mistakes.add(word, message);
            None
        }
        Type::Reference(TypeReference { elem, .. }) => named(elem, mistakes),
        other => {
            let message = "only the message comes by value; all calls share what a handler asks for: take it by `&`";
            mistakes.add(other, message);
            None
        }
    }
}

/// The type, if it says which one it is.
fn named<'a>(ty: &'a Type, mistakes: &mut Mistakes) -> Option<&'a Type> {
    match bare(ty) {
        Type::ImplTrait(ty) => {
            mistakes.add(
                ty,
                "a handler can't be generic: name the type, or write `&dyn …` and provide it with `.provide_as(…)`",
            );
            None
        }
        Type::Infer(ty) => {
            mistakes.add(ty, "name the type");
            None
        }
        ty => Some(ty),
    }
}

/// The type without parentheses around it.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => bare(&inner.elem),
        Type::Group(inner) => bare(&inner.elem),
        ty => ty,
    }
}
