//! Values to bytes and back, as `MessagePack` with the names of fields: self-describing, so that every type can be sent that
//! serde can write and read.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bytes, or why there are none.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    rmp_serde::to_vec_named(value).map_err(|error| error.to_string())
}

/// The value, or why there is none.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    rmp_serde::from_slice(bytes).map_err(|error| error.to_string())
}
