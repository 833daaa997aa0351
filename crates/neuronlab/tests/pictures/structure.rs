//! Every shape says itself what it looks like: concrete colours, widths and fonts, and no style sheet is needed.

use crate::every::{every, of_networks};
use roxmltree::{Document, Node};

#[test]
fn every_shape_has_plain_attributes() {
    for (name, picture) in every().into_iter().chain(of_networks()) {
        assert!(!picture.contains("var("), "{name}: a variable");
        let document = Document::parse(&picture).unwrap_or_else(|e| panic!("{name}: {e}\n{picture}"));
        let root = document.root_element();
        assert!(root.attribute("font-family").is_some_and(|fonts| fonts.ends_with("sans-serif")), "{name}");
        for word in ["title", "desc"] {
            let said = root.children().find(|node| node.has_tag_name(word)).and_then(|node| node.text());
            assert!(said.is_some_and(|text| text.len() > 3), "{name}: no {word}");
        }
        let shapes: Vec<Node<'_, '_>> = root.descendants().filter(|node| is_shape(*node)).collect();
        assert!(shapes.len() > 3, "{name}: empty");
        for shape in shapes {
            check(shape, &name);
        }
        style(&document, &name);
    }
}

fn is_shape(node: Node<'_, '_>) -> bool {
    node.is_element() && !["svg", "title", "desc", "style", "g"].contains(&node.tag_name().name())
}

fn is_colour(value: &str) -> bool {
    value.len() == 7 && value.starts_with('#') && value[1..].bytes().all(|b| b.is_ascii_hexdigit())
}

#[track_caller]
fn check(shape: Node<'_, '_>, name: &str) {
    let get = |attribute: &str| shape.attribute(attribute);
    let number =
        |attribute: &str| get(attribute).and_then(|v| v.parse::<f64>().ok()).is_some_and(|v| v > 0.0 && v.is_finite());
    let (fill, stroke) = (get("fill"), get("stroke"));
    assert!(fill.is_some_and(|fill| fill == "none" || is_colour(fill)), "{name}: fill of {shape:?}");
    assert!(stroke.is_none_or(is_colour), "{name}: stroke of {shape:?}");
    assert!(fill != Some("none") || stroke.is_some(), "{name}: neither fill nor stroke: {shape:?}");
    assert!(stroke.is_none() || number("stroke-width"), "{name}: width of {shape:?}");
    assert!(shape.tag_name().name() != "text" || number("font-size"), "{name}: size of {shape:?}");
    assert!(get("style").is_none(), "{name}: a style of its own: {shape:?}");
    for attribute in shape.attributes() {
        assert!(!["NaN", "inf"].iter().any(|word| attribute.value().contains(word)), "{name}: {shape:?}");
    }
    // Each class names a colour that a dark page replaces, and the attribute beside it says the same.
    for class in get("class").unwrap_or_default().split(' ').filter(|class| class.contains('-')) {
        let with = if class.starts_with("s-") { stroke } else { fill };
        assert!(with.is_some_and(is_colour), "{name}: class {class} of {shape:?}");
    }
}

/// The style sheet is one block for dark screens.
fn style(document: &Document<'_>, name: &str) {
    let styles: Vec<&str> =
        document.descendants().filter(|node| node.has_tag_name("style")).filter_map(|node| node.text()).collect();
    let [style] = styles[..] else { panic!("{name}: {} style sheets", styles.len()) };
    assert!(style.starts_with("@media screen and (prefers-color-scheme:dark){") && style.ends_with("}}"), "{name}");
    assert!(
        style.split('}').filter(|rule| rule.contains('{')).all(|rule| rule.contains(":is(.nl)")),
        "{name}: {style}"
    );
}
