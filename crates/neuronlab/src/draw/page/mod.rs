//! What all pages have: their head and style, tables, and the parts of a document. A page knows no picture.

use super::svg::escape;
use crate::explain::Block;
use std::fmt::Write;

/// A page up to its heading.
pub(super) fn begin(name: &str) -> String {
    let name = escape(name);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{name} · neuronlab</title>\n<style>\n{}</style></head>\n<body>\n<h1>{name}</h1>\n",
        include_str!("page.css")
    )
}

/// A table; what is too wide for the page is scrolled to.
pub(super) fn table(page: &mut String, head: &[String], rows: impl Iterator<Item = Vec<String>>) {
    let cells = |tag: &str, cells: &[String]| -> String {
        cells.iter().fold(String::new(), |row, cell| row + &format!("<{tag}>{}</{tag}>", escape(cell)))
    };
    // The path of a field may be broken behind its dots.
    let head = cells("th", head).replace('.', ".<wbr>");
    let _ = writeln!(page, "<div class=\"wide\"><table>\n<tr>{head}</tr>");
    for row in rows {
        let class = if row[0] == "Total" { " class=\"total\"" } else { "" };
        let _ = writeln!(page, "<tr{class}>{}</tr>", cells("td", &row));
    }
    page.push_str("</table></div>\n");
}

/// A table whose columns of words, in `left`, are aligned to the left.
pub(super) fn words_table(page: &mut String, head: &[String], rows: &[Vec<String>], left: &[usize]) {
    let cells = |tag: &str, cells: &[String]| -> String {
        let cell = |(i, cell): (usize, &String)| {
            let side = if left.contains(&i) { "left" } else { "right" };
            format!("<{tag} style=\"text-align:{side}\">{}</{tag}>", escape(cell))
        };
        cells.iter().enumerate().map(cell).collect()
    };
    let _ = writeln!(page, "<div class=\"wide\"><table>\n<tr>{}</tr>", cells("th", head));
    for row in rows {
        let _ = writeln!(page, "<tr>{}</tr>", cells("td", row));
    }
    page.push_str("</table></div>\n");
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
                words_table(page, &table.head, &table.rows, &table.left);
                Ok(())
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::svg::Colour;
    use crate::draw::svg::theme::contrast;

    /// A picture on a page has the page's colours, and the page's words can be read.
    #[test]
    fn a_page_has_the_colours_of_its_pictures() {
        let page = begin("a page");
        for colours in [Colour::PAPER, Colour::INK, Colour::FAINT].map(|colour| [colour.light, colour.dark]) {
            let short = colours.map(|colour| if colour == "#ffffff" { "#fff" } else { colour });
            assert!(short.iter().all(|colour| page.contains(colour)), "{colours:?}");
        }
        // What warns has its own paper, light in both modes.
        assert!(contrast("#1f2933", "#fff4e5") >= 4.5 && page.contains("--warn: #fff4e5"));
    }
}
