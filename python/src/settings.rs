//! Keyword arguments as a configuration.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use softac::train::Config;
use toml::{Table, Value};

use crate::errors;

/// The configuration with these settings, under the names of `config.toml`; the others have their defaults.
pub fn config(settings: &Bound<'_, PyDict>) -> PyResult<Config> {
    Config::from_toml(&table(settings)?.to_string(), "settings").map_err(errors::of_training)
}

fn table(settings: &Bound<'_, PyDict>) -> PyResult<Table> {
    let pairs = settings.iter().filter(|(_, value)| !value.is_none());
    pairs.map(|(key, value)| Ok((key.extract()?, to_toml(&value)?))).collect()
}

fn to_toml(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if value.is_instance_of::<PyBool>() {
        return Ok(Value::Boolean(value.extract()?));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(Value::Integer(value.extract()?));
    }
    if value.is_instance_of::<PyFloat>() {
        return Ok(Value::Float(value.extract()?));
    }
    if value.is_instance_of::<PyString>() {
        return Ok(Value::String(value.extract()?));
    }
    if let Ok(table_of) = value.cast::<PyDict>() {
        return table(table_of).map(Value::Table);
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let items = value.try_iter()?.map(|item| to_toml(&item?));
        return items.collect::<PyResult<_>>().map(Value::Array);
    }
    if let Ok(number) = value.call_method0("item") {
        // A number of numpy's.
        return to_toml(&number);
    }
    let kind = value.get_type();
    Err(PyTypeError::new_err(format!("a setting cannot be of type {}", kind.name()?)))
}
