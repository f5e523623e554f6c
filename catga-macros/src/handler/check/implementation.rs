use syn::{Attribute, GenericArgument, Ident, Path, PathArguments, Type};

use super::super::parse::{self, Options};
use super::{Described, conditions, refuse_generics};
use crate::shared::{Mistakes, options::Slot as _};

/// A handler type.
pub(in super::super) struct Implementation<'a> {
    pub(in super::super) described: Described,
    pub(in super::super) conditions: Vec<&'a Attribute>,
    /// The trait, as it was written.
    pub(in super::super) of: &'a Path,
    pub(in super::super) ty: &'a Type,
    pub(in super::super) message: &'a Type,
}

/// Finds out what is meant; nothing after a mistake that leaves nothing to be meant.
pub(in super::super) fn implementation<'a>(
    written: &'a parse::Implementation,
    options: &Options,
    mistakes: &mut Mistakes,
) -> Option<Implementation<'a>> {
    let parse::Implementation { attributes, generics, of, ty } = written;
    let own = own_name(ty);
    if own.is_none() && options.name.keyword().is_none() {
        mistakes
            .add(ty, "this type has no name that the handler could have: give it one, with `#[handler(name = \"…\")]`");
    }
    let described = Described::check(options, own, mistakes);
    refuse_generics(generics, mistakes);
    let message = message(of);
    if message.is_none() {
        let text = "this trait takes no message: put `#[handler]` on `impl RequestHandler<…> for …` or `impl EventHandler<…> for …`";
        mistakes.add(of, text);
    }
    Some(Implementation { described, conditions: conditions(attributes), of, ty, message: message? })
}

fn own_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

/// The one type that the trait is for.
fn message(of: &Path) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &of.segments.last()?.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(message)) if arguments.args.len() == 1 => Some(message),
        _ => None,
    }
}
