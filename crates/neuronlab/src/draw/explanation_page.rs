//! An explanation as a page, and as a piece of one.

use super::explanation;
use super::svg::escape;
use crate::explain::{Block, Document, Explanation, significant};
use std::fmt::Write;

/// The page of an explanation, for a browser: its picture with a caption and its text, formulas in MathML; without scripts and the network.
pub fn explanation_page(document: &Document, picture: &str, caption: &str) -> String {
    let mut page = super::report::begin(&document.title);
    let _ = writeln!(page, "<div class=\"wide\">{picture}</div>\n<p class=\"soft\">{}</p>", escape(caption));
    blocks(&mut page, &document.blocks);
    page.push_str("</body></html>\n");
    page
}

/// The picture and the chain rule of an explanation as a piece of HTML, for a notebook: the picture on a paper of its own, words
/// in the colours of the page.
pub fn explanation_notes(why: &Explanation) -> String {
    let picture = explanation(why).replacen("<svg ", "<svg style=\"background:#fff;max-width:100%;height:auto\" ", 1);
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

/// The parts of a page.
pub(super) fn blocks(page: &mut String, blocks: &[Block]) {
    for block in blocks {
        let _ = match block {
            Block::Heading(words) => writeln!(page, "<h2>{}</h2>", escape(words)),
            Block::Words(words) => writeln!(page, "<p>{}</p>", escape(words)),
            Block::Legend(words) => writeln!(page, "<p class=\"soft\">{}</p>", escape(words)),
            Block::Formulas(_) => writeln!(page, "<div class=\"wide\">{}</div>", block.mathml()),
            Block::Table(table) => {
                super::report::words_table(page, &table.head, &table.rows, &table.left);
                Ok(())
            }
        };
    }
}
