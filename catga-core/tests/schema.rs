//! What a description says, and what changes a fingerprint.

#![allow(dead_code, reason = "the types here are only described")]

use std::collections::{BTreeMap, HashSet};

use catga_core::schema::{Description, Fingerprint, Schema};

fn text<T: Schema>() -> String {
    Description::of::<T>().to_string()
}

#[derive(Schema)]
struct Line {
    sku: String,
    quantity: u32,
}

#[derive(Schema)]
struct Order {
    id: uuid::Uuid,
    lines: Vec<Line>,
    note: Option<String>,
    #[serde(default)]
    tags: HashSet<String>,
    totals: BTreeMap<String, (i64, f64)>,
    pad: [u8; 3],
}

#[test]
fn a_struct_is_described_at_any_depth() {
    assert_eq!(
        text::<Order>(),
        "#0\n\
         #0 = struct \"Order\" {\"id\": opaque \"uuid\", \"lines\": [#1], \"note\": text?, \"tags\": set[text], \
         \"totals\": map[text: (i64, f64)], \"pad\": [u8; 3]}\n\
         #1 = struct \"Line\" {\"sku\": text, \"quantity\": u32}\n"
    );
}

#[derive(Schema)]
#[serde(rename_all = "camelCase", rename_all_fields = "UPPERCASE")]
enum Shape {
    TheEmpty,
    Boxed(Box<u8>),
    Pair(u8, i8),
    #[serde(rename = "round")]
    Circle {
        radius: f32,
    },
    #[serde(rename_all = "kebab-case")]
    Square {
        side_length: f32,
    },
}

#[test]
fn an_enum_is_described_with_its_variants_in_order() {
    assert_eq!(
        text::<Shape>(),
        "#0\n#0 = enum \"Shape\" {\"theEmpty\", \"boxed\" = u8, \"pair\" (u8, i8), \"round\" {\"RADIUS\": f32}, \
         \"square\" {\"side-length\": f32}}\n"
    );
}

#[derive(Schema)]
struct Tree {
    value: u8,
    children: Vec<Self>,
    next: Option<Box<Tree>>,
}

#[derive(Schema)]
#[serde(transparent)]
struct Nest(Vec<Nest>);

#[test]
fn a_type_may_contain_itself() {
    assert_eq!(text::<Nest>(), "#0\n#0 = struct \"Nest\" = [#0]\n");
    assert_eq!(text::<Tree>(), "#0\n#0 = struct \"Tree\" {\"value\": u8, \"children\": [#0], \"next\": #0?}\n");
}

#[derive(Schema)]
struct Page<T> {
    items: Vec<T>,
    next: Option<Box<Page<T>>>,
}

#[test]
fn a_generic_type_has_a_schema_for_each_parameter() {
    assert_eq!(text::<Page<u8>>(), "#0\n#0 = struct \"Page\" {\"items\": [u8], \"next\": #0?}\n");
    assert_ne!(Fingerprint::of::<Page<u8>>(), Fingerprint::of::<Page<u16>>());
    assert_eq!(
        text::<(Page<u8>, Page<u16>)>(),
        "(#0, #1)\n#0 = struct \"Page\" {\"items\": [u8], \"next\": #0?}\n\
         #1 = struct \"Page\" {\"items\": [u16], \"next\": #1?}\n"
    );
}

mod elsewhere {
    use super::Schema;

    #[derive(Schema)]
    pub(super) struct Line {
        sku: String,
    }
}

#[test]
fn two_types_with_one_name_are_two_types() {
    assert_eq!(
        text::<(Line, elsewhere::Line)>(),
        "(#0, #1)\n#0 = struct \"Line\" {\"sku\": text, \"quantity\": u32}\n#1 = struct \"Line\" {\"sku\": text}\n"
    );
}

#[derive(Schema)]
#[serde(transparent)]
struct Cents(u64);

#[derive(Schema)]
struct Wrapper(u64);

#[derive(Schema)]
struct Marker;

#[derive(Schema)]
#[serde(into = "String", try_from = "String")]
struct Email(String);

#[derive(Schema)]
#[schema(as = String)]
struct ByHand;

#[derive(Schema)]
#[schema(opaque = "iban")]
struct Iban(Foreign);

struct Foreign;

#[derive(Schema)]
struct Ways {
    #[serde(skip)]
    skipped: Foreign,
    #[serde(skip_serializing, skip_deserializing)]
    skipped_in_words: Foreign,
    #[serde(with = "some::module")]
    with: Option<Foreign>,
    #[serde(serialize_with = "to", deserialize_with = "from")]
    two: Foreign,
    #[serde(with = "anything")]
    #[schema(as = String)]
    alike: Foreign,
    #[schema(opaque = "a name")]
    opaque: Foreign,
    r#type: u8,
}

#[test]
fn each_way_of_saying_what_a_value_is_encoded_as_is_honoured() {
    assert_eq!(text::<Cents>(), "#0\n#0 = struct \"Cents\" = u64\n");
    assert_eq!(text::<Wrapper>(), "#0\n#0 = struct \"Wrapper\" = u64\n");
    assert_eq!(text::<Marker>(), "#0\n#0 = struct \"Marker\"\n");
    assert_eq!(text::<Email>(), "#0\n#0 = struct \"Email\" = text\n");
    assert_eq!(text::<ByHand>(), "#0\n#0 = struct \"ByHand\" = text\n");
    assert_eq!(text::<Iban>(), "#0\n#0 = struct \"Iban\" = opaque \"iban\"\n");
    assert_eq!(
        text::<Ways>(),
        "#0\n#0 = struct \"Ways\" {\"with\": opaque \"with some::module: Option<Foreign>\", \
         \"two\": opaque \"with to and from: Foreign\", \"alike\": text, \"opaque\": opaque \"a name\", \"type\": u8}\n"
    );
}

#[derive(Schema)]
#[serde(tag = "kind", content = "data")]
enum Adjacent {
    One(u8),
}

#[derive(Schema)]
#[serde(tag = "kind")]
enum Internal {
    One { at: u8 },
}

#[derive(Schema)]
#[serde(untagged)]
enum Untagged {
    One(u8),
}

#[derive(Schema)]
#[serde(tag = "type")]
struct Tagged {
    at: u8,
}

#[test]
fn tags_are_described() {
    assert_eq!(text::<Adjacent>(), "#0\n#0 = enum \"Adjacent\" tag \"kind\" content \"data\" {\"One\" = u8}\n");
    assert_eq!(text::<Internal>(), "#0\n#0 = enum \"Internal\" tag \"kind\" {\"One\" {\"at\": u8}}\n");
    assert_eq!(text::<Untagged>(), "#0\n#0 = enum \"Untagged\" untagged {\"One\" = u8}\n");
    assert_eq!(text::<Tagged>(), "#0\n#0 = struct \"Tagged\" {\"type\": opaque \"the struct's name\", \"at\": u8}\n");
}

/// A type that holds a type that holds what is asked for: a change shows two levels up.
#[derive(Schema)]
struct Outer<T> {
    middle: Vec<Middle<T>>,
}

#[derive(Schema)]
enum Middle<T> {
    Nothing,
    Something(Option<T>),
}

mod variations {
    use super::Schema;

    macro_rules! variations {
        ($($module:ident: $item:item)+) => {$(
            pub(super) mod $module {
                use super::Schema;

                #[derive(Schema)]
                $item
            }
        )+};
    }

    variations! {
        original: pub(crate) struct T { a: u32, b: u32 }
        wider: pub(crate) struct T { a: u64, b: u32 }
        signed: pub(crate) struct T { a: i32, b: u32 }
        swapped: pub(crate) struct T { b: u32, a: u32 }
        renamed_field: pub(crate) struct T { a: u32, c: u32 }
        renamed: pub(crate) struct U { a: u32, b: u32 }
        longer: pub(crate) struct T { a: u32, b: u32, c: u32 }
        shorter: pub(crate) struct T { a: u32 }
        optional: pub(crate) struct T { a: u32, b: Option<u32> }
        many: pub(crate) struct T { a: u32, b: Vec<u32> }
        by_position: pub(crate) struct T(u32, u32);
        order: pub(crate) enum T { A, B }
        other_order: pub(crate) enum T { B, A }
        content: pub(crate) enum T { A, B(u8) }
        named_content: pub(crate) enum T { A, B { b: u8 } }
    }
}

#[test]
fn any_difference_at_any_depth_changes_the_fingerprint() {
    use variations::*;
    let all = [
        Fingerprint::of::<Outer<original::T>>(),
        Fingerprint::of::<Outer<wider::T>>(),
        Fingerprint::of::<Outer<signed::T>>(),
        Fingerprint::of::<Outer<swapped::T>>(),
        Fingerprint::of::<Outer<renamed_field::T>>(),
        Fingerprint::of::<Outer<renamed::U>>(),
        Fingerprint::of::<Outer<longer::T>>(),
        Fingerprint::of::<Outer<shorter::T>>(),
        Fingerprint::of::<Outer<optional::T>>(),
        Fingerprint::of::<Outer<many::T>>(),
        Fingerprint::of::<Outer<by_position::T>>(),
        Fingerprint::of::<Outer<order::T>>(),
        Fingerprint::of::<Outer<other_order::T>>(),
        Fingerprint::of::<Outer<content::T>>(),
        Fingerprint::of::<Outer<named_content::T>>(),
    ];
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{all:?}");
}

mod same {
    use super::Schema;

    #[derive(Schema)]
    pub(super) struct Line {
        /// A comment, a visibility and a default change no byte.
        pub(super) sku: String,
        #[serde(default)]
        quantity: u32,
    }
}

#[test]
fn what_changes_no_byte_leaves_the_fingerprint_alone() {
    assert_eq!(Fingerprint::of::<Line>(), Fingerprint::of::<same::Line>());
    assert_eq!(Fingerprint::of::<Box<u8>>(), Fingerprint::of::<u8>());
}

/// These are on the wire between nodes of different builds: they never change. The values are those of another SHA-256, not of this one.
#[test]
fn fingerprints_are_the_same_in_each_build() {
    let known = [
        (Fingerprint::of::<()>(), "8864b17444ee3d89"),
        (Fingerprint::of::<Order>(), "0bc0d0f7a76b62e1"),
        (Fingerprint::of::<Shape>(), "aa7f23cbdf1d33eb"),
        (Fingerprint::of::<Tree>(), "e9c78b92aebee4e5"),
        (Fingerprint::of::<Page<u8>>(), "ca816ca92395a819"),
    ];
    for (fingerprint, pinned) in known {
        assert_eq!(fingerprint.to_string(), pinned);
    }
}

#[test]
fn a_type_is_described_once_in_a_process() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use catga_core::schema::{Describer, Type};

    static ASKED: AtomicUsize = AtomicUsize::new(0);

    struct Counted;

    impl Schema for Counted {
        fn describe(_: &mut Describer) -> Type {
            ASKED.fetch_add(1, Ordering::Relaxed);
            Type::opaque("counted")
        }
    }

    #[derive(Schema)]
    struct Holder {
        counted: Counted,
    }

    assert_eq!(Fingerprint::of::<Holder>(), Fingerprint::of::<Holder>());
    assert_eq!(ASKED.load(Ordering::Relaxed), 1, "a type with a place of its own");
    assert_eq!(Fingerprint::of::<Vec<Counted>>(), Fingerprint::of::<Vec<Counted>>());
    assert_eq!(ASKED.load(Ordering::Relaxed), 2, "a type in the table");
}

#[test]
fn standard_types_are_described_as_serde_encodes_them() {
    use std::{
        borrow::Cow,
        net::IpAddr,
        num::NonZero,
        rc::Rc,
        sync::Arc,
        time::{Duration, SystemTime},
    };

    assert_eq!(text::<(usize, isize, NonZero<u8>, char, bool, ())>(), "(u64, i64, u8, char, bool, unit)\n");
    assert_eq!(text::<(Box<str>, Arc<[u8]>, Rc<String>, Cow<'static, str>)>(), "(text, [u8], text, text)\n");
    assert_eq!(
        text::<(Duration, SystemTime, IpAddr)>(),
        "(opaque \"duration\", opaque \"system time\", opaque \"ip address\")\n"
    );
    assert_eq!(text::<Result<u8, String>>(), "#0\n#0 = enum \"Result\" {\"Ok\" = u8, \"Err\" = text}\n");
    assert_eq!(
        text::<(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)>(),
        "(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)\n"
    );
}

#[test]
fn the_description_in_the_docs_is_one() {
    #[derive(Schema)]
    struct Order {
        id: uuid::Uuid,
        lines: Vec<Line>,
        note: Option<String>,
        state: State,
    }
    #[derive(Schema)]
    enum State {
        New,
        Shipped { by: String },
    }
    let docs = include_str!("../../docs/wire.md");
    assert!(docs.contains(&format!("```text\n{}```", text::<Order>())));
}
