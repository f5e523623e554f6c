//! How far a node has come in a stream.

use catga_core::Code;
use catga_core::context::{Access, Write};
use catga_core::persistence::{Committed, HeldPosition, Position, PositionName, UnitMark};

use super::PersistenceHarness;
use super::stage::{Node, Stage, accessing, journal, outgoing, unit};

pub(super) fn name(node: &str) -> PositionName {
    PositionName { node: node.to_owned(), handler: "Placed/index".to_owned() }
}

pub(super) async fn take(node: &Node, name: PositionName) -> (HeldPosition, Option<Position>) {
    let (token, position) = node.take_position(&name).await.unwrap();
    (HeldPosition { name, token }, position)
}

/// A position with as many holes as there may be.
pub(super) fn with_holes() -> Position {
    let mut position = Position::new(u64::MAX - 9_999);
    for sequence in (0..Position::MAX_HOLES as u64).map(|hole| u64::MAX - 9_000 + 2 * hole) {
        assert!(position.arrived(sequence));
    }
    position
}

/// What was saved last is there, holes and all, for each handler on each node.
pub async fn position_is_what_was_saved_last<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (held, none) = take(&node, name("front-1")).await;
    assert_eq!(none, None);
    for position in [Position::new(7), with_holes()] {
        assert!(node.save_position(&held, &position).await.unwrap());
    }
    assert_eq!(take(&other, name("front-1")).await.1, Some(with_holes()));
    let other_handler = PositionName { handler: "Placed/count".to_owned(), ..name("front-1") };
    for apart in [name("front-2"), other_handler] {
        assert_eq!(take(&other, apart).await.1, None);
    }
}

/// Whose position was taken over saves nothing any more, neither alone nor with a unit of work.
pub async fn stale_token_saves_no_position<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (stale, _) = take(&node, name("front-1")).await;
    assert!(node.save_position(&stale, &Position::new(1)).await.unwrap());
    let (held, _) = take(&other, name("front-1")).await;
    assert!(!node.save_position(&stale, &Position::new(2)).await.unwrap());
    let late = UnitMark::Position { held: stale, position: Position::new(2) };
    let written = journal([("a", Write::Put(vec![1]))], vec![outgoing()]);
    assert_eq!(node.commit(unit(late, written)).await.unwrap(), Committed::Lost);
    assert_eq!((node.version("a").await, node.waiting_ids().await.len()), (0, 0));
    assert!(other.save_position(&held, &Position::new(3)).await.unwrap());
    assert_eq!(take(&node, name("front-1")).await.1, Some(Position::new(3)));
}

/// A position that is committed with a unit of work is saved if and only if the rest is.
pub async fn position_is_saved_with_its_unit<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (held, _) = take(&node, name("front-1")).await;
    let saving = |next| UnitMark::Position { held: held.clone(), position: Position::new(next) };
    let written = journal([("a", Write::Insert(vec![1]))], vec![outgoing()]);
    assert_eq!(node.commit(unit(saving(1), written)).await.unwrap(), Committed::Done);
    assert_eq!((other.body("a").await, other.waiting_ids().await.len()), (Some(vec![1]), 1));

    let conflict = journal([("a", Write::Insert(vec![2]))], Vec::new());
    assert_eq!(node.commit(unit(saving(2), conflict)).await.unwrap_err().code(), Code::Conflict);
    let moved = accessing([("b", Access { read: Some(7), write: None })], vec![outgoing()]);
    assert_eq!(node.commit(unit(saving(3), moved)).await.unwrap(), Committed::Moved);
    assert_eq!(take(&other, name("front-1")).await.1, Some(Position::new(1)));
}
