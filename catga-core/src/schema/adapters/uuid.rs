use super::super::{Describer, Schema, Type};

impl Schema for uuid::Uuid {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("uuid")
    }
}
