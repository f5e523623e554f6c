use super::super::{Describer, Schema, Type};

impl Schema for serde_json::Value {
    fn describe(_: &mut Describer) -> Type {
        Type::Any
    }
}
