//! What a look at a run found: numbers as JSON, and a page of text, formulas and a picture.

use neuronlab::draw;
use neuronlab::explain::Document;
use pyo3::prelude::*;

/// A page, in every form that a notebook or a terminal shows.
#[pyclass(frozen, get_all, module = "neuronlab._neuronlab")]
pub(crate) struct Page {
    title: String,
    json: String,
    text: String,
    markdown: String,
    latex: String,
    html: String,
    svg: Option<String>,
}

impl Page {
    /// Of a document, the numbers behind it, and its picture, if there is one.
    pub(crate) fn new(document: &Document, value: &impl serde::Serialize, svg: Option<String>, caption: &str) -> Self {
        Self {
            title: document.title.clone(),
            json: serde_json::to_string(value).expect("plain values"),
            text: document.to_string(),
            markdown: document.markdown(),
            latex: document.latex(),
            html: draw::explanation_page(document, svg.as_deref().unwrap_or_default(), caption),
            svg,
        }
    }
}
