use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The packages that re-export what expansions name, and what each calls itself inside its own code; the first that is found serves.
const PACKAGES: [(&str, &str); 2] = [("catga", "catga"), ("catga-core", "catga_core")];

/// The path of the crate under which the caller knows core: `::catga`, `::catga_core`, or its name for either.
///
/// An expansion names everything beneath `#crate_path::__private`.
///
/// # Errors
///
/// Where neither package is a dependency.
pub(crate) fn crate_path() -> syn::Result<TokenStream> {
    let found = PACKAGES.into_iter().find_map(|(package, own_name)| match crate_name(package).ok()? {
        // Both packages say `extern crate self as …`, so this also holds inside them.
        FoundCrate::Itself => Some(own_name.to_owned()),
        FoundCrate::Name(name) => Some(name),
    });
    match found {
        Some(name) => {
            let name = Ident::new(&name, Span::call_site());
            Ok(quote!(::#name))
        }
        None => Err(syn::Error::new(Span::call_site(), "this needs `catga`: add it with `cargo add catga`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_catga_is_told_what_to_add() {
        // This package itself is one.
        assert_eq!(crate_path().unwrap_err().to_string(), "this needs `catga`: add it with `cargo add catga`");
    }
}
