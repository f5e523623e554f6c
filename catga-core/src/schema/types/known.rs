//! Standard types whose encoding depends on the codec (text for people, numbers for machines): known by name.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    time::{Duration, SystemTime},
};

use super::super::{Describer, Schema, Type};

macro_rules! known {
    ($($rust:ty => $name:literal,)+) => {$(
        impl Schema for $rust {
            fn describe(_: &mut Describer) -> Type {
                Type::opaque($name)
            }
        }
    )+};
}

known! {
    Duration => "duration",
    SystemTime => "system time",
    IpAddr => "ip address",
    Ipv4Addr => "ipv4 address",
    Ipv6Addr => "ipv6 address",
    SocketAddr => "socket address",
    SocketAddrV4 => "ipv4 socket address",
    SocketAddrV6 => "ipv6 socket address",
}
