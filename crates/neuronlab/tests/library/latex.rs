//! Every formula that `explain` writes is LaTeX that a parser of it understands, and the document around it is well-formed.

use neuronlab::Experiment;
use neuronlab::explain::{Document, Explanation, Moment, Neuron, Timeline};
use pulldown_latex::{Parser, Storage};

/// Pages of networks with everything that can stand in a formula.
fn pages() -> Vec<Document> {
    let cases: [(&[&str], &[&str]); 5] = [
        (&[], &["lin1.weight[1,0]", "lin2.weight[1,3]", "lin4.weight[0,0]"]),
        (&["init=zeros"], &["lin1.weight[0,0]"]),
        (
            &[
                "network.layers.0.batch_norm={}",
                "network.layers.1.activation=softmax",
                "network.layers.2.activation=leaky_relu",
                "network.layers.0.bias=true",
                "batch={name='full'}",
                "optimizer=adam",
            ],
            &["lin1.weight[1,0]", "lin1.bias[0]", "bn1.weight[1]", "bn1.bias[0]", "lin2.weight[0,0]"],
        ),
        (
            &["network.layers.0.out_features=40", "dtype=float64", "clip={name='norm',max=0.001}"],
            &["lin1.weight[17,1]"],
        ),
        (
            &[
                "network.layers.0.activation={name='prelu',num_parameters=4}",
                "network.layers.1.activation=prelu",
                "network.layers.0.dropout=0.5",
                "network.layers.1.dropout=0.2",
            ],
            &["lin1.weight[1,0]", "prelu1.weight[2]", "prelu2.weight[0]", "lin3.weight[0,0]"],
        ),
    ];
    let mut pages = Vec::new();
    for (settings, names) in cases {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let mut run =
            Timeline::<f64>::new(&Experiment { dtype: neuronlab::scalar::Dtype::Float64, ..experiment }).unwrap();
        for name in names {
            let moment = Moment::new(run.at(2).unwrap(), None).unwrap();
            pages.push(Explanation::new(&moment, name).unwrap().document());
        }
        for name in ["H#1_0", "H#2_3", "Y#0"] {
            pages.push(Neuron::new(run.at(3).unwrap(), name).unwrap().document());
        }
    }
    pages
}

/// The texts between `\begin{name}` and `\end{name}`.
fn environments<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let (begin, end) = (format!("\\begin{{{name}}}"), format!("\\end{{{name}}}"));
    text.split(&begin).skip(1).map(|part| part.split(&end).next().unwrap()).collect()
}

#[track_caller]
fn parses(formula: &str) {
    let storage = Storage::new();
    for event in Parser::new(formula, &storage) {
        assert!(event.is_ok(), "{}\n{formula}", event.unwrap_err());
    }
}

#[test]
fn formulas_parse() {
    let mut formulas = 0;
    for page in pages() {
        let (latex, markdown) = (page.latex(), page.markdown());
        for body in environments(&latex, "align*") {
            parses(&format!("\\begin{{align*}}{body}\\end{{align*}}"));
            formulas += 1;
        }
        for body in markdown.split("```math\n").skip(1) {
            parses(body.split("\n```").next().unwrap());
        }
        // Signs in words and tables.
        let words = latex.replace("\\$", "");
        words.split('$').skip(1).step_by(2).for_each(parses);
    }
    assert!(formulas > 50, "only {formulas}");
}

#[test]
fn documents_are_well_formed() {
    for page in pages() {
        let latex = page.latex();
        for name in ["document", "align*", "longtable"] {
            let count = |what: &str| latex.matches(&format!("\\{what}{{{name}}}")).count();
            assert_eq!(count("begin"), count("end"), "{name}");
        }
        let (mut depth, mut escaped) = (0i32, false);
        for c in latex.chars() {
            match c {
                '{' if !escaped => depth += 1,
                '}' if !escaped => depth -= 1,
                _ => {}
            }
            assert!(depth >= 0);
            escaped = c == '\\' && !escaped;
        }
        assert_eq!(depth, 0);
        for table in environments(&latex, "longtable") {
            assert!(!table.is_empty());
        }
        // Letters that pdflatex does not know.
        let strange: String = latex.chars().filter(|c| !c.is_ascii() && !"äöüÄÖÜß".contains(*c)).collect();
        assert_eq!(strange, "", "{}", page.title);
    }
}
