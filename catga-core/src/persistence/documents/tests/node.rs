//! What a node says of those who ask for documents.

use std::collections::HashMap;

use super::*;
use crate::handler::{FromNode, Provided, Resolver, Uses};

fn resolve<T: FromNode>(store: Option<&Arc<dyn Store>>) -> (Option<T>, Uses, Vec<String>) {
    resolve_beside(HashMap::new(), store)
}

/// Resolves where these collections were asked for before.
fn resolve_beside<T: FromNode>(
    mut collections: HashMap<&'static str, &'static str>,
    store: Option<&Arc<dyn Store>>,
) -> (Option<T>, Uses, Vec<String>) {
    let (provided, mut problems) = (Provided::default(), Vec::new());
    let mut resolver = Resolver {
        handler: &COMMAND,
        provided: &provided,
        store,
        collections: &mut collections,
        uses: Uses::default(),
        problems: &mut problems,
    };
    let made = T::from_node(&mut resolver);
    let uses = resolver.uses;
    (made, uses, problems)
}

#[tokio::test]
async fn a_node_with_a_persistence_makes_both() {
    let service = Service::new().await;
    let (documents, uses, problems) = resolve::<Documents<Order>>(Some(&service.store));
    assert!(documents.is_some() && uses.documents && !uses.view && problems.is_empty());
    assert_eq!(format!("{:?}", documents.unwrap()), "Documents(Order)");
    let (view, uses, problems) = resolve::<DocumentsView<Order>>(Some(&service.store));
    assert!(view.is_some() && !uses.documents && uses.view && problems.is_empty());
}

#[test]
fn without_a_persistence_both_are_refused() {
    let (documents, _, problems) = resolve::<Documents<Order>>(None);
    assert!(documents.is_none());
    assert_eq!(
        problems,
        [format!(
            "{COMMAND} asks for documents of `{}`, but there is no persistence: call `.persistence(…)` on the node's builder",
            std::any::type_name::<Order>()
        )]
    );
    let (view, _, of_view) = resolve::<DocumentsView<Order>>(None);
    assert!(view.is_none() && of_view == problems);
}

#[tokio::test]
async fn two_types_of_one_name_are_refused() {
    let service = Service::new().await;
    let before = |name| HashMap::from([("Order", name)]);
    let (same, ..) =
        resolve_beside::<DocumentsView<Order>>(before(std::any::type_name::<Order>()), Some(&service.store));
    assert!(same.is_some());
    let (other, _, problems) = resolve_beside::<DocumentsView<Order>>(before("billing::Order"), Some(&service.store));
    assert!(other.is_none());
    assert!(
        problems[0].ends_with("whose name \"Order\" is that of `billing::Order` as well: change one `Document::NAME`"),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_collection_s_name_is_checked() {
    #[derive(Serialize, Deserialize)]
    struct Spaced;

    impl Document for Spaced {
        const NAME: &'static str = "two words";
        type Key = u8;

        fn key(&self) -> u8 {
            0
        }
    }

    let service = Service::new().await;
    let (documents, _, problems) = resolve::<Documents<Spaced>>(Some(&service.store));
    assert!(documents.is_none());
    assert!(problems[0].contains("\"two words\" isn't 1 to 64 ASCII letters"), "{problems:?}");
}
