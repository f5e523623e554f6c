//! Units of work against a plain map.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::error::Code;

#[derive(Clone, Debug)]
enum Op {
    Get(u8),
    Insert(u8, u32),
    Update(u8, u32),
    Remove(u8),
    List,
}

fn op() -> impl Strategy<Value = Op> {
    let key = 0..4_u8;
    prop_oneof![
        key.clone().prop_map(Op::Get),
        (key.clone(), any::<u32>()).prop_map(|(key, total)| Op::Insert(key, total)),
        (key.clone(), any::<u32>()).prop_map(|(key, total)| Op::Update(key, total)),
        key.prop_map(Op::Remove),
        Just(Op::List),
    ]
}

type Model = BTreeMap<String, u32>;

fn values(orders: Vec<Order>) -> Model {
    orders.into_iter().map(|order| (order.id, order.total)).collect()
}

/// Does one operation on both. `false`: the model refuses what the journal can only find out at the commit.
async fn step(op: &Op, orders: &Documents<Order>, cx: &Context, model: &mut Model) -> bool {
    let known = |model: &Model, key: u8| model.contains_key(&key.to_string());
    match *op {
        Op::Get(key) => {
            let got = orders.get(cx, &key.to_string()).await.unwrap().map(|order| order.total);
            assert_eq!(got, model.get(&key.to_string()).copied());
        }
        Op::List => {
            let page = orders.list(cx, "", None, 100).await.unwrap();
            assert_eq!(values(page.documents), *model);
        }
        Op::Remove(key) => {
            orders.remove(cx, &key.to_string()).unwrap();
            model.remove(&key.to_string());
        }
        Op::Insert(key, total) => {
            let is_refused = known(model, key);
            match orders.insert(cx, &order(&key.to_string(), total)) {
                Err(error) => assert!(is_refused && error.code() == Code::Conflict),
                Ok(()) if is_refused => return false,
                Ok(()) => drop(model.insert(key.to_string(), total)),
            }
        }
        Op::Update(key, total) => {
            let is_refused = !known(model, key);
            match orders.update(cx, &order(&key.to_string(), total)) {
                Err(error) => assert!(is_refused && error.code() == Code::Conflict),
                Ok(()) if is_refused => return false,
                Ok(()) => drop(model.insert(key.to_string(), total)),
            }
        }
    }
    true
}

async fn run(units: Vec<Vec<Op>>) {
    let service = Service::new().await;
    let mut committed = Model::new();
    for ops in units {
        let mut model = committed.clone();
        let mut holds = true;
        let outcome = service
            .run(async |orders, cx| {
                for op in &ops {
                    holds = step(op, orders, cx, &mut model).await;
                    if !holds {
                        break;
                    }
                }
                Ok(())
            })
            .await;
        if holds {
            assert_eq!(outcome.unwrap(), Committed::Done);
            committed = model;
        } else {
            assert_eq!(outcome.unwrap_err().code(), Code::Conflict);
        }
        assert_eq!(values(service.view.list("", None, 100).await.unwrap().documents), committed);
    }
}

proptest! {
    #[test]
    fn units_of_work_do_what_a_plain_map_does(units in prop::collection::vec(prop::collection::vec(op(), 0..12), 1..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(units));
    }
}
