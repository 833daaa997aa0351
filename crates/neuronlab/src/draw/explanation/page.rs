//! An explanation as a page, and as a piece of one.

use super::diagram::explanation;
use crate::draw::page::{begin, blocks};
use crate::draw::svg::escape;
use crate::explain::{Document, Explanation, significant};
use std::fmt::Write;

/// The page of an explanation, for a browser: its picture with a caption and its text, formulas in MathML; without scripts and the network.
pub fn explanation_page(document: &Document, picture: &str, caption: &str) -> String {
    let mut page = begin(&document.title);
    let _ = writeln!(page, "<div class=\"wide\">{picture}</div>\n<p class=\"soft\">{}</p>", escape(caption));
    blocks(&mut page, &document.blocks);
    page.push_str("</body></html>\n");
    page
}

/// The picture and the chain rule of an explanation as a piece of HTML, for a notebook: the picture on a paper of its own, words
/// in the colours of the page.
pub fn explanation_notes(why: &Explanation) -> String {
    let picture = explanation(why).replacen("<svg ", "<svg style=\"max-width:100%;height:auto\" ", 1);
    let mut piece = format!(
        "<div style=\"overflow-x:auto\">\n{picture}\n<p>{} = {} {}.</p>\n",
        escape(&why.parameter),
        significant(why.value, 9),
        escape(&why.role)
    );
    blocks(&mut piece, &why.chain_rule());
    piece.push_str("</div>\n");
    piece
}
