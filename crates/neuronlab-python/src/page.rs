//! What a look at a run found: numbers as JSON, and a page of text, formulas and a picture.

use neuronlab::draw;
use neuronlab::explain::Document;
use pyo3::prelude::*;

/// A page, in every form that a notebook or a terminal shows.
#[pyclass(frozen, get_all, module = "neuronlab._neuronlab")]
pub(crate) struct Page {
    /// What it is about.
    title: String,
    /// The numbers behind it.
    json: String,
    /// For a terminal.
    text: String,
    /// With formulas that GitHub shows.
    markdown: String,
    /// With formulas of LaTeX.
    latex: String,
    /// The whole page, with its picture.
    html: String,
    /// The picture, if there is one.
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
