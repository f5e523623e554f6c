use std::fmt;

use catga::prelude::*;
use jiff::Timestamp;
use uuid::Uuid;

use super::{CreateOrder, Money};

/// An order has at most this many items. Together with the lengths below it keeps an order within the 64 KiB that an answer may have.
const MAX_ITEMS: usize = 100;

/// The ids of customers and products have at most this many bytes.
const MAX_ID_BYTES: usize = 64;

/// A product's name has at most this many bytes.
const MAX_NAME_BYTES: usize = 200;

/// Names an order; sorted by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Schema)]
pub(crate) struct OrderId(Uuid);

impl OrderId {
    pub(crate) fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id of this text; `None` if no order can have it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An order, as it is kept and as it travels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(crate) struct Order {
    pub(crate) id: OrderId,
    pub(crate) customer_id: String,
    pub(crate) items: Vec<OrderItem>,
    pub(crate) total_amount: Money,
    pub(crate) status: OrderStatus,
    pub(crate) created_at: Timestamp,
}

impl Document for Order {
    const NAME: &'static str = "Order";
    type Key = OrderId;

    fn key(&self) -> OrderId {
        self.id
    }
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(crate) struct OrderItem {
    pub(crate) product_id: String,
    pub(crate) product_name: String,
    pub(crate) quantity: u32,
    pub(crate) unit_price: Money,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub(crate) enum OrderStatus {
    Created,
    Shipped,
}

impl Order {
    /// Places an order.
    ///
    /// # Errors
    ///
    /// `Validation`, whose detail `field` names what is wrong, as in `items[0].quantity`.
    pub(crate) fn place(command: CreateOrder) -> Result<Self> {
        let CreateOrder { customer_id, items } = command;
        text("customerId", &customer_id, MAX_ID_BYTES)?;
        if items.is_empty() || items.len() > MAX_ITEMS {
            return Err(invalid("items", format_args!("has from 1 to {MAX_ITEMS} items, not {}", items.len())));
        }
        let mut total_amount = Money::ZERO;
        for (place, item) in items.iter().enumerate() {
            total_amount = total_amount.plus(item.amount(place)?).ok_or_else(|| too_many_digits("items"))?;
        }
        let (id, status, created_at) = (OrderId::new(), OrderStatus::Created, Timestamp::now());
        Ok(Self { id, customer_id, items, total_amount, status, created_at })
    }

    /// Sends the goods.
    ///
    /// # Errors
    ///
    /// `Conflict` if they were sent already.
    pub(crate) fn ship(&mut self) -> Result<()> {
        match self.status {
            OrderStatus::Created => self.status = OrderStatus::Shipped,
            OrderStatus::Shipped => return Err(Error::conflict(format!("the order {} was shipped already", self.id))),
        }
        Ok(())
    }
}

impl OrderItem {
    /// Checks the item, the one at this place, and multiplies.
    fn amount(&self, place: usize) -> Result<Money> {
        let field = |name: &str| format!("items[{place}].{name}");
        text(&field("productId"), &self.product_id, MAX_ID_BYTES)?;
        text(&field("productName"), &self.product_name, MAX_NAME_BYTES)?;
        if self.quantity < 1 {
            return Err(invalid(&field("quantity"), "is at least 1"));
        }
        if self.unit_price.is_negative() {
            return Err(invalid(&field("unitPrice"), "is not negative"));
        }
        self.unit_price.times(self.quantity).ok_or_else(|| too_many_digits(&field("unitPrice")))
    }
}

fn text(field: &str, text: &str, max_bytes: usize) -> Result<()> {
    if text.trim().is_empty() {
        return Err(invalid(field, "is not blank"));
    }
    if text.len() > max_bytes {
        return Err(invalid(field, format_args!("has at most {max_bytes} bytes, not {}", text.len())));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(field, "holds no control characters"));
    }
    Ok(())
}

fn too_many_digits(field: &str) -> Error {
    invalid(field, "makes an amount of more than 28 digits")
}

fn invalid(field: &str, rule: impl fmt::Display) -> Error {
    Error::validation(format!("`{field}` {rule}")).with_detail("field", field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(change: impl FnOnce(&mut CreateOrder)) -> CreateOrder {
        let item = OrderItem {
            product_id: "PROD-001".into(),
            product_name: "Laptop".into(),
            quantity: 3,
            unit_price: "0.1".parse().unwrap(),
        };
        let mut command = CreateOrder { customer_id: "CUST-001".into(), items: vec![item.clone(), item] };
        change(&mut command);
        command
    }

    #[test]
    fn the_total_is_the_sum_of_all_items() {
        let order = Order::place(command(|_| {})).unwrap();
        assert_eq!(order.total_amount, "0.6".parse().unwrap());
        assert_eq!(order.status, OrderStatus::Created);
    }

    #[test]
    fn the_limits_themselves_are_allowed() {
        let order = Order::place(command(|command| {
            command.customer_id = "c".repeat(MAX_ID_BYTES);
            command.items[0].product_id = "p".repeat(MAX_ID_BYTES);
            command.items[0].product_name = "ä".repeat(MAX_NAME_BYTES / 2);
            command.items = vec![command.items[0].clone(); MAX_ITEMS];
        }));
        assert_eq!(order.unwrap().items.len(), MAX_ITEMS);
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        #[expect(clippy::type_complexity, reason = "a table of changes, read row by row")]
        let wrong: [(&str, fn(&mut CreateOrder)); 12] = [
            ("customerId", |c| c.customer_id = " \t".into()),
            ("customerId", |c| c.customer_id = "c".repeat(MAX_ID_BYTES + 1)),
            ("customerId", |c| c.customer_id = "a\nNode node-9 received".into()),
            ("items", |c| c.items.clear()),
            ("items", |c| c.items = vec![c.items[0].clone(); MAX_ITEMS + 1]),
            ("items[0].productId", |c| c.items[0].product_id.clear()),
            ("items[1].productName", |c| c.items[1].product_name = "n".repeat(MAX_NAME_BYTES + 1)),
            ("items[1].productName", |c| c.items[1].product_name = "\u{1b}[31m".into()),
            ("items[1].quantity", |c| c.items[1].quantity = 0),
            ("items[0].unitPrice", |c| c.items[0].unit_price = "-0.01".parse().unwrap()),
            ("items[0].unitPrice", |c| c.items[0].unit_price = "79228162514264337593543950335".parse().unwrap()),
            ("items", |c| {
                c.items[0].quantity = 1;
                c.items[0].unit_price = "79228162514264337593543950335".parse().unwrap();
            }),
        ];
        for (field, change) in wrong {
            let error = Order::place(command(change)).unwrap_err();
            assert_eq!((error.code(), error.detail("field")), (catga::Code::Validation, Some(field)), "{error}");
            assert!(error.message().contains(field), "{error}");
        }
    }

    #[test]
    fn an_order_ships_once() {
        let mut order = Order::place(command(|_| {})).unwrap();
        order.ship().unwrap();
        assert_eq!(order.status, OrderStatus::Shipped);
        assert_eq!(order.ship().unwrap_err().code(), catga::Code::Conflict);
    }
}
