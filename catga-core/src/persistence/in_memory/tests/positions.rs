use super::super::super::{HeldPosition, Position, PositionName};
use super::*;
use crate::error::Code;

fn name(node: &str) -> PositionName {
    PositionName { node: node.to_owned(), handler: "Placed/index".to_owned() }
}

async fn take(store: &Arc<dyn Store>, name: PositionName) -> (HeldPosition, Option<Position>) {
    let (token, position) = store.take_position(&name).await.unwrap();
    (HeldPosition { name, token }, position)
}

#[tokio::test]
async fn a_position_is_what_was_saved_last() {
    let store = store().await;
    let (held, none) = take(&store, name("front-1")).await;
    assert_eq!(none, None);
    let mut position = Position::new(7);
    assert!(position.arrived(7) && position.arrived(8));
    position.done(8);
    for position in [Position::new(7), position.clone()] {
        assert!(store.save_position(&held, &position).await.unwrap());
    }
    assert_eq!(take(&store, name("front-1")).await.1, Some(position));
    assert_eq!(take(&store, name("front-2")).await.1, None);
}

#[tokio::test]
async fn who_lost_the_position_cannot_save_it() {
    let store = store().await;
    let (stale, _) = take(&store, name("front-1")).await;
    assert!(store.save_position(&stale, &Position::new(1)).await.unwrap());
    let (held, saved) = take(&store, name("front-1")).await;
    assert_eq!(saved, Some(Position::new(1)));
    assert!(!store.save_position(&stale, &Position::new(2)).await.unwrap());

    let mark = |held: &HeldPosition, next| UnitMark::Position { held: held.clone(), position: Position::new(next) };
    let journal = || putting_out(writes([("7", Write::Put(vec![1]))]), 1);
    assert_eq!(store.commit(unit(mark(&stale, 2), journal())).await.unwrap(), Committed::Lost);
    assert_eq!((version(&store, "7").await, waiting(&store).await.len()), (0, 0));

    assert_eq!(store.commit(unit(mark(&held, 3), journal())).await.unwrap(), Committed::Done);
    assert_eq!((version(&store, "7").await, waiting(&store).await.len()), (1, 1));
    assert_eq!(take(&store, name("front-1")).await.1, Some(Position::new(3)));
}

#[tokio::test]
async fn a_refused_unit_moves_no_position() {
    let store = store().await;
    let (held, _) = take(&store, name("front-1")).await;
    let mark = UnitMark::Position { held, position: Position::new(3) };
    let moved = having_read(Journal::default(), "7", 9);
    assert_eq!(store.commit(unit(mark.clone(), moved)).await.unwrap(), Committed::Moved);
    let refused = store.commit(unit(mark, writes([("7", Write::Update(vec![1]))]))).await.unwrap_err();
    assert_eq!(refused.code(), Code::Conflict);
    assert_eq!(take(&store, name("front-1")).await.1, None);
}

#[tokio::test]
async fn positions_are_bounded() {
    let store = store_with(Limits { positions: 1, ..Limits::default() }).await;
    take(&store, name("front-1")).await;
    let full = store.take_position(&name("front-2")).await.unwrap_err();
    assert_eq!(full.code(), Code::Unavailable);
    take(&store, name("front-1")).await;
}
