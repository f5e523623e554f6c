use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::super::check::{Plan, Retry};
use super::Names;

/// The policy as a constant `__RETRY`, and what says of a handler that it has it.
pub(super) fn retry(retry: &Retry, names: &Names) -> (TokenStream, TokenStream) {
    let private = &names.private;
    let plan = match retry {
        Retry::With(path) => {
            let place = path.span();
            return (TokenStream::new(), quote_spanned!(place=> .retry(&#path)));
        }
        Retry::Never => quote!(#private::Retry::NEVER),
        Retry::Planned(plan) => planned(plan, private),
    };
    // A constant, since only the address of one lasts for ever.
    (quote!(const __RETRY: #private::Retry = #plan;), quote!(.retry(&__RETRY)))
}

fn planned(plan: &Plan, private: &TokenStream) -> TokenStream {
    let named = |name: &str| Ident::new(name, Span::call_site());
    let numbers = plan.numbers.iter().map(|(name, number)| {
        let name = named(name);
        quote!(.#name(#number))
    });
    let durations = plan.durations.iter().map(|(name, duration)| {
        // At most a week.
        let (name, millis) = (named(name), u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        quote!(.#name(::core::time::Duration::from_millis(#millis)))
    });
    quote!(#private::Retry::DEFAULT #(#numbers)* #(#durations)*)
}
