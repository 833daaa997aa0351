//! Numbers as people read them, to the last digit that they have.

use crate::scalar::Dtype;

/// All digits of a number of the run: as few as tell it from every other number of its precision.
pub fn exact(value: f64, dtype: Dtype) -> String {
    let (plain, power) = match dtype {
        Dtype::Float32 => ((value as f32).to_string(), format!("{:e}", value as f32)),
        Dtype::Float64 => (value.to_string(), format!("{value:e}")),
    };
    readable(value, plain, power)
}

/// Nine significant digits, of a number that was computed in double precision.
pub fn nine(value: f64) -> String {
    significant(value, 9)
}

/// Significant digits, without zeros at the end.
pub fn significant(value: f64, digits: usize) -> String {
    let rounded: f64 = format!("{value:.*e}", digits - 1).parse().unwrap_or(value);
    readable(rounded, rounded.to_string(), format!("{rounded:e}"))
}

/// With a power of ten where zeros would have to be counted.
fn readable(value: f64, plain: String, power: String) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    if size.is_finite() && !(1e-4..1e9).contains(&size) { power } else { plain }
}

/// A share in percent.
pub(super) fn percent(part: f64) -> String {
    let text = format!("{:.1} %", 100.0 * part);
    text.strip_prefix("-0.0").map_or(text.clone(), |rest| format!("0.0{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_many_as_there_are() {
        let third = f64::from(1.0f32 / 3.0);
        assert_eq!(exact(third, Dtype::Float32), "0.33333334");
        assert_eq!(exact(1e-7, Dtype::Float64), "1e-7");
        assert_eq!(exact(-0.0, Dtype::Float64), "0");
        assert_eq!(nine(1.0 / 3.0), "0.333333333");
        assert_eq!(nine(-2e12), "-2e12");
        assert_eq!(nine(f64::NAN), "NaN");
    }
}
