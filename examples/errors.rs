//! Errors: an application's own, others' at the edges, and what the caller makes of them: `cargo run --example errors`.

#![expect(clippy::print_stdout, reason = "an example speaks to the person who runs it")]

use std::error::Error as _;

use catga::prelude::*;

/// What can go wrong with a withdrawal. Each variant says which code it has, and where that code's own word on retries doesn't fit.
#[derive(Debug, thiserror::Error, CatgaError)]
enum WithdrawalError {
    #[error("there are only {left} on the account")]
    #[catga(code = Conflict)]
    TooMuch {
        #[catga(detail)]
        left: u32,
    },
    #[error("the till is being counted")]
    #[catga(code = Unavailable, retry)]
    Closed,
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Withdraw {
    amount: String,
    is_open: bool,
}

/// Answers with what is left of 100.
#[handler]
async fn withdraw(cmd: &Withdraw) -> Result<u32> {
    // Another's error, with what it means here. `.or_internal()?` would say that it is our fault, and `?` alone takes std's errors.
    let amount: u32 = cmd.amount.parse().or_code(Code::Validation, "`amount` is a number")?;
    if !cmd.is_open {
        return Err(WithdrawalError::Closed.into());
    }
    Ok(take(amount)?)
}

fn take(amount: u32) -> Result<u32, WithdrawalError> {
    100_u32.checked_sub(amount).ok_or(WithdrawalError::TooMuch { left: 100 })
}

#[tokio::main]
async fn main() -> Result<()> {
    let mediator = Mediator::builder().build()?;
    let withdraw = async |amount: &str, is_open| mediator.send(Withdraw { amount: amount.to_owned(), is_open }).await;

    assert_eq!(withdraw("30", true).await?, 70);

    let too_much = withdraw("130", true).await.expect_err("there is less");
    println!("{too_much:?}");
    assert_eq!((too_much.code(), too_much.can_retry()), (Code::Conflict, false));
    assert_eq!(too_much.detail("left"), Some("100"));
    assert!(matches!(too_much.downcast_ref(), Some(WithdrawalError::TooMuch { .. })));

    let closed = withdraw("30", false).await.expect_err("it is closed");
    println!("{closed:?}");
    assert_eq!((closed.code(), closed.can_retry()), (Code::Unavailable, true));

    let no_number = withdraw("some", true).await.expect_err("it isn't a number");
    println!("{no_number:?}");
    assert_eq!((no_number.code(), no_number.message()), (Code::Validation, "`amount` is a number"));
    assert!(no_number.source().is_some_and(|source| source.is::<std::num::ParseIntError>()));
    Ok(())
}

#[test]
fn it_runs_to_its_end() {
    main().unwrap();
}
