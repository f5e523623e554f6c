//! The options in an attribute: `#[catga(code = NotFound, retry)]`, or what stands in the parentheses of `#[handler(…)]`.
//!
//! Each option is a slot – a [`Flag`] or a [`Value`] – that knows its name. Reading fills the slots; unknown, doubled and malformed options
//! become mistakes, each at its own token, and the rest is read on.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{
    Attribute, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
};

use super::Mistakes;

/// One option that can be written.
pub(crate) trait Slot {
    /// The name that is written.
    fn name(&self) -> &'static str;

    /// The name where it was written, for mistakes that point at it.
    fn keyword(&self) -> Option<&Ident>;

    /// Reads what follows the name.
    fn read(&mut self, keyword: Ident, input: ParseStream<'_>) -> syn::Result<()>;
}

/// An option without a value: `query`.
pub(crate) struct Flag {
    name: &'static str,
    keyword: Option<Ident>,
}

impl Flag {
    /// An option of this name, not written yet.
    pub(crate) fn named(name: &'static str) -> Self {
        Self { name, keyword: None }
    }

    /// Whether it was written.
    pub(crate) fn is_set(&self) -> bool {
        self.keyword.is_some()
    }
}

impl Slot for Flag {
    fn name(&self) -> &'static str {
        self.name
    }

    fn keyword(&self) -> Option<&Ident> {
        self.keyword.as_ref()
    }

    fn read(&mut self, keyword: Ident, input: ParseStream<'_>) -> syn::Result<()> {
        self.keyword = Some(keyword);
        if at_end_of_option(input) {
            return Ok(());
        }
        Err(input.error(format!("`{}` takes no value: write it alone", self.name)))
    }
}

/// An option with a value: `response = OrderCreated`.
pub(crate) struct Value<T> {
    name: &'static str,
    may_stand_alone: bool,
    keyword: Option<Ident>,
    value: Option<T>,
}

impl<T> Value<T> {
    /// An option of this name, not written yet.
    pub(crate) fn named(name: &'static str) -> Self {
        Self { name, may_stand_alone: false, keyword: None, value: None }
    }

    /// The same for an option whose value may be left out: `detail`, or `detail = "order_id"`. Its [`keyword`](Slot::keyword) says that it
    /// was written.
    pub(crate) fn or_alone(name: &'static str) -> Self {
        Self { may_stand_alone: true, ..Self::named(name) }
    }

    /// What was written, if it was, and well.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }
}

impl<T: Parse> Slot for Value<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn keyword(&self) -> Option<&Ident> {
        self.keyword.as_ref()
    }

    fn read(&mut self, keyword: Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let without_value = syn::Error::new(keyword.span(), format!("`{0}` takes a value: `{0} = …`", self.name));
        self.keyword = Some(keyword);
        if self.may_stand_alone && at_end_of_option(input) {
            return Ok(());
        }
        if input.parse::<Option<Token![=]>>()?.is_none() || at_end_of_option(input) {
            return Err(without_value);
        }
        self.value = Some(input.parse()?);
        end(input)
    }
}

/// Reads the options in every attribute of this name among `attributes`.
pub(crate) fn read_attributes(
    attributes: &[Attribute],
    name: &'static str,
    slots: &mut [&mut dyn Slot],
    mistakes: &mut Mistakes,
) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        match &attribute.meta {
            syn::Meta::List(list) => read(list.tokens.clone(), slots, mistakes),
            other => mistakes.add(other, format!("write the options in parentheses: `#[{name}(…)]`")),
        }
    }
}

/// Reads the options in `tokens`, what stands in an attribute's parentheses.
pub(crate) fn read(tokens: TokenStream, slots: &mut [&mut dyn Slot], mistakes: &mut Mistakes) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if mistakes.take(read_one(input, slots)).is_none() {
                skip_option(input)?;
            }
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        mistakes.add_error(error);
    }
}

/// The mistake of writing a `what` that isn't among the `known` ones, with the nearest right one.
pub(crate) fn unknown(what: &str, written: &Ident, known: &[&str]) -> syn::Error {
    let advice = match nearest(&written.to_string(), known) {
        Some(right) => format!("did you mean `{right}`?"),
        None if known.is_empty() => "there is none here".to_owned(),
        None => format!("there are: `{}`", known.join("`, `")),
    };
    syn::Error::new(written.span(), format!("unknown {what} `{written}`; {advice}"))
}

fn read_one(input: ParseStream<'_>, slots: &mut [&mut dyn Slot]) -> syn::Result<()> {
    let keyword = input.call(Ident::parse_any)?;
    let Some(slot) = slots.iter_mut().find(|slot| keyword == slot.name()) else {
        let known: Vec<_> = slots.iter().map(|slot| slot.name()).collect();
        return Err(unknown("option", &keyword, &known));
    };
    if slot.keyword().is_some() {
        return Err(syn::Error::new(keyword.span(), format!("`{keyword}` is written twice: keep one")));
    }
    slot.read(keyword, input)
}

/// That nothing more stands before the next option.
pub(crate) fn end(input: ParseStream<'_>) -> syn::Result<()> {
    if at_end_of_option(input) {
        return Ok(());
    }
    Err(input.error("expected `,` before the next option"))
}

fn at_end_of_option(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn skip_option(input: ParseStream<'_>) -> syn::Result<()> {
    while !at_end_of_option(input) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The known word that is most like this one, if any is like it at all.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let likeness = |candidate: &str| strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase());
    known
        .iter()
        .map(|&candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens as _, quote};
    use syn::{LitStr, Type};

    use super::*;

    struct Read {
        response: Option<String>,
        name: Option<String>,
        query: bool,
        mistakes: Vec<String>,
    }

    fn read_all(tokens: TokenStream) -> Read {
        let mut mistakes = Mistakes::default();
        let (mut response, mut name) = (Value::<Type>::named("response"), Value::<LitStr>::named("name"));
        let mut query = Flag::named("query");
        read(tokens, &mut [&mut response, &mut name, &mut query], &mut mistakes);
        let mistakes = match mistakes.none() {
            Ok(()) => Vec::new(),
            Err(all) => all.into_iter().map(|error| error.to_string()).collect(),
        };
        let response = response.get().map(|response| response.to_token_stream().to_string());
        Read { response, name: name.value.map(|name| name.value()), query: query.is_set(), mistakes }
    }

    #[test]
    fn options_are_read_in_any_order_and_types_may_hold_commas() {
        let read = read_all(quote!(query, response = HashMap<String, u8>, name = "orders",));
        assert_eq!(read.mistakes, [""; 0]);
        assert_eq!(read.response.as_deref(), Some("HashMap < String , u8 >"));
        assert_eq!(read.name.as_deref(), Some("orders"));
        assert!(read.query);
    }

    #[test]
    fn every_mistake_is_found_and_the_rest_is_read_on() {
        let read = read_all(quote!(respones = u8, query, query, name, response = u8, zzz(1, 2), = 3));
        assert_eq!(
            read.mistakes,
            [
                "unknown option `respones`; did you mean `response`?",
                "`query` is written twice: keep one",
                "`name` takes a value: `name = …`",
                "unknown option `zzz`; there are: `response`, `name`, `query`",
                "expected ident",
            ]
        );
        assert_eq!(read.response.as_deref(), Some("u8"));
    }

    #[test]
    fn a_flag_takes_no_value_and_a_value_needs_one_of_its_kind() {
        let read = read_all(quote!(query = true, name = 7, response =));
        assert_eq!(
            read.mistakes,
            [
                "`query` takes no value: write it alone",
                "expected string literal",
                "`response` takes a value: `response = …`"
            ]
        );
    }

    #[test]
    fn a_value_may_be_left_out_only_where_that_was_said() {
        let mut mistakes = Mistakes::default();
        let (mut detail, mut other) = (Value::<LitStr>::or_alone("detail"), Value::<LitStr>::or_alone("other"));
        read(quote!(detail, other = ), &mut [&mut detail, &mut other], &mut mistakes);
        assert!(detail.keyword().is_some() && detail.get().is_none());
        assert_eq!(mistakes.none().unwrap_err().to_string(), "`other` takes a value: `other = …`");
    }

    #[test]
    fn options_in_an_attribute_without_parentheses_are_a_mistake() {
        let mut mistakes = Mistakes::default();
        let attributes = [syn::parse_quote!(#[request]), syn::parse_quote!(#[other(x)])];
        read_attributes(&attributes, "request", &mut [], &mut mistakes);
        assert_eq!(mistakes.none().unwrap_err().to_string(), "write the options in parentheses: `#[request(…)]`");
    }
}
