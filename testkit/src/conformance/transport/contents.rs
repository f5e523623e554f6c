//! What arrives is what was sent.

use std::num::NonZero;
use std::time::Duration;

use catga_core::codec::{BodyIdentity, BodyLimit, Codec};
use catga_core::envelope::{Envelope, Headers, OnlyFor, Sender, Text, TraceContext};
use catga_core::error::{Code, Result};
use catga_core::message::{Kind, MessageId};
use catga_core::transport::Start;

use super::harness::TransportHarness;
use super::stage::{LONG, Node, Stage, answer, answered, envelope, ok};

/// A body's bytes arrive as they were sent: none, each value, and as many as there may be; by each way, and in replies.
pub async fn body_bytes_identical<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (large, _) = stage.harness.envelope_bytes();
    let mut ways = Ways::open(&two).await;
    let pattern = (0..large).map(|place| u8::try_from(place % 251).unwrap_or_default());
    for body in [vec![], Vec::from_iter(0..=255), b" \r\n\r\n+OK\0\r\n ".to_vec(), pattern.collect()] {
        for arrived in ways.send(&one, |name, kind| envelope(name, kind, body.clone())).await {
            assert_eq!(arrived.body, body);
        }
    }
}

/// Every header arrives as it was sent, also with letters from everywhere and at its longest; what would break a line can't be
/// made, so nobody can slip in a header.
pub async fn headers_roundtrip_or_refused<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut ways = Ways::open(&two).await;
    assert!(Text::new("ada\r\nCatga-Principal: root").is_err());
    for headers in [Headers::default(), ok(full("Ada Žižek – 中文 🦀")), ok(full(&"ž".repeat(Text::MAX / 2)))]
    {
        let with_headers = |name, kind| {
            let mut envelope = envelope(name, kind, *b"body");
            *envelope.headers_mut() = headers.clone();
            envelope
        };
        for arrived in ways.send(&one, with_headers).await {
            assert_eq!(arrived.headers(), &headers);
        }
    }
}

/// All headers that there are, with this text where a text may stand.
fn full(text: &str) -> Result<Headers> {
    let text = Text::new(text)?;
    let mut headers = Headers::default();
    headers.delivery_id = Some(MessageId::new());
    headers.correlation_id = Some(MessageId::new());
    headers.causation_id = Some(MessageId::new());
    headers.idempotency_key = Some(text.clone());
    headers.principal = Some(text.clone());
    headers.time_left = Some(Duration::from_millis(1_234));
    headers.attempt = NonZero::new(3);
    headers.trace = TraceContext::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Some("rojo=1"));
    headers.identity = Some(BodyIdentity::of(&"body", BodyLimit::default())?);
    headers.sender = Some(Sender { service: text.clone(), node: text.clone() });
    headers.only_for = Some(OnlyFor { service: text.clone(), handler: text.clone(), node: Some(text.clone()) });
    headers.user.set("!#$%&'*+-.^_`|~", "every sign that a name may have")?;
    headers.user.set("x-text", &text)?;
    Ok(headers)
}

/// What the transport can carry it carries whole; one byte more is refused by whoever hands it over, and the connection goes on.
pub async fn size_limit_exact<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut ways = Ways::open(&two).await;
    let (sure, impossible) = stage.harness.envelope_bytes();
    for way in Way::ALL {
        let (mut fits, mut too_large) = (sure, impossible);
        while too_large - fits > 1 {
            let middle = fits + (too_large - fits) / 2;
            match ways.send_by(way, &one, sized(way, middle)).await {
                Ok(arrived) => {
                    assert_eq!(arrived.body.len(), middle);
                    fits = middle;
                }
                Err(error) => {
                    assert_eq!(error.code(), Code::TooLarge);
                    too_large = middle;
                }
            }
        }
        for _ in 0..3 {
            let refused = ways.send_by(way, &one, sized(way, too_large)).await;
            assert_eq!(refused.map(|_| ()).map_err(|error| error.code()), Err(Code::TooLarge));
            assert_eq!(ok(ways.send_by(way, &one, sized(way, fits)).await).body.len(), fits);
        }
    }
}

fn sized(way: Way, bytes: usize) -> Envelope {
    envelope(way.name(), way.kind(), vec![7; bytes])
}

/// A way by which an envelope travels.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Request,
    Enqueue,
    Publish,
}

impl Way {
    const ALL: [Self; 3] = [Self::Request, Self::Enqueue, Self::Publish];

    fn name(self) -> &'static str {
        if self == Self::Publish { "Placed" } else { "Place" }
    }

    fn kind(self) -> Kind {
        if self == Self::Publish { Kind::Event } else { Kind::Command }
    }
}

/// A node that takes what comes by each way.
struct Ways {
    asked: super::stage::Asked,
    work: super::stage::Intake,
    placed: super::stage::Intake,
}

impl Ways {
    async fn open(node: &Node) -> Self {
        Self { asked: node.places(1).await, work: node.work(1).await, placed: node.placed(Start::Now, 1).await }
    }

    /// Sends one by each way; what arrived.
    async fn send(&mut self, from: &Node, new: impl Fn(&'static str, Kind) -> Envelope) -> Vec<Envelope> {
        let mut arrived = Vec::new();
        for way in Way::ALL {
            let mut sent = new(way.name(), way.kind());
            sent.codec = Codec::Json;
            let envelope = ok(self.send_by(way, from, sent.clone()).await);
            assert_eq!(
                (envelope.id, &envelope.name, envelope.kind, envelope.codec),
                (sent.id, &sent.name, sent.kind, sent.codec)
            );
            arrived.push(envelope);
        }
        arrived
    }

    /// Sends an envelope this way; what arrived.
    async fn send_by(&mut self, way: Way, from: &Node, envelope: Envelope) -> Result<Envelope> {
        let intake = match way {
            Way::Request => {
                let replies = from.link.request(envelope, LONG).await?;
                let request = self.asked.next().await;
                let arrived = request.envelope().clone();
                // The answer has to get through as well, which may have other headers.
                let body = arrived.body.slice(..arrived.body.len() / 2).to_vec();
                ok(request.reply(answered(body.clone())).await);
                assert_eq!(answer(replies).await, body);
                return Ok(arrived);
            }
            Way::Enqueue => {
                from.link.enqueue(envelope, Duration::ZERO).await?;
                &mut self.work
            }
            Way::Publish => {
                from.link.publish(vec![envelope]).await.remove(0)?;
                &mut self.placed
            }
        };
        let delivery = intake.next().await;
        let arrived = delivery.envelope().clone();
        ok(delivery.settle().await);
        Ok(arrived)
    }
}
