use super::*;
use crate::error::{Code, Error};

#[tokio::test]
async fn own_writes_are_read_and_nobody_else_sees_them_before_the_commit() {
    let service = Service::new().await.with([order("a", 1), order("b", 1)]).await;
    let committed = service
        .run(async |orders, cx| {
            orders.insert(cx, &order("c", 2))?;
            orders.update(cx, &order("a", 2))?;
            orders.remove(cx, &key("b"))?;
            assert_eq!(orders.get(cx, &key("c")).await?, Some(order("c", 2)));
            assert_eq!(orders.peek(cx, &key("a")).await?, Some(order("a", 2)));
            assert_eq!(orders.get(cx, &key("b")).await?, None);
            let page = orders.list(cx, "", None, 10).await?;
            assert_eq!((page.documents, page.next), (vec![order("a", 2), order("c", 2)], None));

            assert_eq!(service.view.get(&key("c")).await?, None);
            assert_eq!(service.view.get(&key("a")).await?, Some(order("a", 1)));
            let page = service.view.list("", None, 10).await?;
            assert_eq!((page.documents, page.next), (vec![order("a", 1), order("b", 1)], None));
            Ok(())
        })
        .await;
    assert_eq!(committed.unwrap(), Committed::Done);
    let page = service.view.list("", None, 10).await.unwrap();
    assert_eq!(page.documents, [order("a", 2), order("c", 2)]);
}

#[tokio::test]
async fn an_error_leaves_nothing() {
    let service = Service::new().await;
    let failed = service
        .run(async |orders, cx| {
            orders.insert(cx, &order("a", 1))?;
            Err(Error::validation("no"))
        })
        .await;
    assert_eq!(failed.unwrap_err().code(), Code::Validation);
    assert_eq!(service.view.get(&key("a")).await.unwrap(), None);
}

#[tokio::test]
async fn read_versions_checked() {
    let service = Service::new().await.with([order("a", 1)]).await;
    let meanwhile = async || service.run(async |orders, cx| orders.update(cx, &order("a", 2))).await.unwrap();
    let moved = service
        .run(async |orders, cx| {
            let read = orders.get(cx, &key("a")).await?.unwrap();
            meanwhile().await;
            orders.update(cx, &order("a", read.total + 10))
        })
        .await;
    assert_eq!(moved.unwrap(), Committed::Moved);

    let absent = service
        .run(async |orders, cx| {
            assert_eq!(orders.get(cx, &key("b")).await?, None);
            service.run(async |orders, cx| orders.insert(cx, &order("b", 1))).await?;
            orders.update(cx, &order("a", 3))
        })
        .await;
    assert_eq!(absent.unwrap(), Committed::Moved, "that there was none is a version as well");

    let listed = service
        .run(async |orders, cx| {
            orders.list(cx, "a", None, 10).await?;
            meanwhile().await;
            orders.insert(cx, &order("c", 1))
        })
        .await;
    assert_eq!(listed.unwrap(), Committed::Moved);

    let peeked = service
        .run(async |orders, cx| {
            orders.peek(cx, &key("a")).await?;
            meanwhile().await;
            orders.update(cx, &order("a", 4))
        })
        .await;
    assert_eq!(peeked.unwrap(), Committed::Done, "`peek` opts out");
}

#[tokio::test]
async fn an_insert_of_what_exists_is_a_conflict() {
    let service = Service::new().await.with([order("a", 1)]).await;
    let at_commit = service.run(async |orders, cx| orders.insert(cx, &order("a", 2))).await.unwrap_err();
    assert_eq!((at_commit.code(), at_commit.can_retry()), (Code::Conflict, false));
    let at_once = service
        .run(async |orders, cx| {
            orders.get(cx, &key("a")).await?;
            orders.insert(cx, &order("a", 2))
        })
        .await;
    assert_eq!(at_once.unwrap_err().message(), at_commit.message());
    let twice = service
        .run(async |orders, cx| {
            orders.insert(cx, &order("b", 1))?;
            orders.insert(cx, &order("b", 1))
        })
        .await;
    assert_eq!(twice.unwrap_err().code(), Code::Conflict);
}

#[tokio::test]
async fn an_update_of_what_is_missing_is_a_conflict() {
    let service = Service::new().await;
    let at_commit = service.run(async |orders, cx| orders.update(cx, &order("a", 2))).await.unwrap_err();
    assert_eq!(at_commit.code(), Code::Conflict);
    assert_eq!(at_commit.to_string(), "there is no `Order` of the key \"a\" to be updated");
    let at_once = service
        .run(async |orders, cx| {
            orders.get(cx, &key("a")).await?;
            orders.update(cx, &order("a", 2))
        })
        .await;
    assert_eq!(at_once.unwrap_err().message(), at_commit.message());
}

#[tokio::test]
async fn a_handler_that_only_reads_may_not_write() {
    let service = Service::new().await;
    let lent = Context::lend(&service.home, None, &QUERY, None);
    let cx = lent.get();
    for refused in [
        service.orders.insert(cx, &order("a", 1)),
        service.orders.update(cx, &order("a", 1)),
        service.orders.remove(cx, &key("a")),
    ] {
        assert_eq!(refused.unwrap_err().code(), Code::Internal);
    }
}

#[tokio::test]
async fn keys_are_checked() {
    let service = Service::new().await;
    let long = "ä".repeat(256);
    for (key, is_allowed) in [(long.clone(), true), ("a b/c".to_owned(), true)] {
        assert_eq!(service.view.get(&key).await.is_ok(), is_allowed, "{key:?}");
    }
    for bad in [String::new(), format!("{long}b"), "a\nb".to_owned(), "a\u{85}".to_owned()] {
        assert_eq!(service.view.get(&bad).await.unwrap_err().code(), Code::Validation, "{bad:?}");
        let written = service.run(async |orders, cx| orders.insert(cx, &order(&bad, 1))).await;
        assert_eq!(written.unwrap_err().code(), Code::Validation, "{bad:?}");
    }
}

#[tokio::test]
async fn documents_and_units_are_bounded() {
    let service = Service::new().await;
    let large = |id: &str, bytes| Order { note: "x".repeat(bytes), ..order(id, 1) };
    let too_large = service.run(async |orders, cx| orders.insert(cx, &large("a", 512 * 1024))).await.unwrap_err();
    assert_eq!((too_large.code(), too_large.message()), (Code::TooLarge, "a `Order` is larger than 524288 bytes"));

    let unit = service
        .run(async |orders, cx| {
            for _ in 0..100 {
                orders.remove(cx, &key("a"))?;
                orders.insert(cx, &large("a", 500 * 1024))?;
            }
            (0..16).try_for_each(|id| orders.insert(cx, &large(&id.to_string(), 500 * 1024)))
        })
        .await;
    assert_eq!(unit.unwrap_err().message(), "a unit of work writes at most 8388608 bytes");

    let many = service
        .run(async |orders, cx| (0..1_001).try_for_each(|id| orders.insert(cx, &order(&id.to_string(), 1))))
        .await;
    assert_eq!(many.unwrap_err().message(), "a unit of work holds at most 1000 documents");
}

#[tokio::test]
async fn pages_cover_all_once_own_writes_among_them() {
    let service = Service::new().await;
    let service = service.with([order("b", 1), order("d", 1), order("f", 1), order("h", 1), order("x", 1)]).await;
    let read = service.run(async |orders, cx| {
        for id in ["a", "c", "e", "e2", "g", "i"] {
            orders.insert(cx, &order(id, 2))?;
        }
        orders.remove(cx, &key("d"))?;
        orders.remove(cx, &key("f"))?;
        for limit in 1..12 {
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let page = orders.list(cx, "", after.as_deref(), limit).await?;
                assert!(page.documents.len() <= limit);
                seen.extend(page.documents.into_iter().map(|order| order.id));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(seen.concat(), "abcee2ghix", "pages of {limit}");
        }
        let page = orders.list(cx, "e", None, 10).await?;
        assert_eq!(page.documents, [order("e", 2), order("e2", 2)]);
        Ok(())
    });
    assert_eq!(read.await.unwrap(), Committed::Done);
    for limit in [0, 1_001] {
        assert_eq!(service.view.list("", None, limit).await.unwrap_err().code(), Code::Validation);
    }
    let first = service.view.list("", None, 1).await.unwrap();
    assert_eq!((first.documents.len(), first.next.as_deref()), (1, Some("a")));
}

#[tokio::test]
async fn a_page_that_is_full_of_bytes_hides_none_of_the_handlers_own_writes() {
    let large = |id: &str| Order { note: "x".repeat(500 * 1024), ..order(id, 1) };
    let service = Service::new().await;
    let ids = Vec::from_iter((10..40).map(|id: u32| id.to_string()));
    for ids in ids.chunks(10) {
        service.run(async |orders, cx| ids.iter().try_for_each(|id| orders.insert(cx, &large(id)))).await.unwrap();
    }
    let read = service.run(async |orders, cx| {
        for id in ["105", "245", "255", "5"] {
            orders.insert(cx, &order(id, 2))?;
        }
        let mut pages = Vec::new();
        let mut after = None;
        loop {
            let page = orders.list(cx, "", after.as_deref(), 1_000).await?;
            pages.push(Vec::from_iter(page.documents.into_iter().map(|order| order.id)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert!(pages.len() > 1);
        let mut all = ids.clone();
        all.extend(["105", "245", "255", "5"].map(str::to_owned));
        all.sort();
        assert_eq!(pages.concat(), all);
        Ok(())
    });
    assert_eq!(read.await.unwrap(), Committed::Done);
}
