//! tanh, exp and ln against the platform's double precision (`f32`) and against mpmath (`f64`).

use neuronlab::scalar::Scalar;

/// Distance in units of the last place between a float and the correctly rounded value.
fn ulps32(ours: f32, exact: f64) -> u64 {
    let theirs = exact as f32;
    if ours.is_nan() && theirs.is_nan() {
        return 0;
    }
    let ordered = |x: f32| if x.is_sign_negative() { -i64::from(x.abs().to_bits()) } else { i64::from(x.to_bits()) };
    ordered(ours).abs_diff(ordered(theirs))
}

fn ulps64(ours: f64, theirs: f64) -> u64 {
    let ordered = |x: f64| if x.is_sign_negative() { -(x.abs().to_bits() as i64) } else { x.to_bits() as i64 };
    ordered(ours).abs_diff(ordered(theirs))
}

/// The function, its judge in double precision and the bound that its documentation states.
type Claim = (&'static str, fn(f32) -> f32, fn(f64) -> f64, u64);

const CLAIMS: [Claim; 6] = [
    ("tanh", <f32 as Scalar>::tanh, f64::tanh, 1),
    ("exp", <f32 as Scalar>::exp, f64::exp, 1),
    ("ln", <f32 as Scalar>::ln, f64::ln, 1),
    ("erf", <f32 as Scalar>::erf, libm::erf, 2),
    ("exp_m1", <f32 as Scalar>::exp_m1, f64::exp_m1, 2),
    ("ln_1p", |x| <f32 as Scalar>::ln_1p(x.abs()), |x| x.abs().ln_1p(), 2),
];

fn check32(claims: &[Claim], bits: &(impl Iterator<Item = u32> + Clone)) {
    for &(name, ours, judge, bound) in claims {
        let worst = bits
            .clone()
            .map(f32::from_bits)
            .map(|x| (ulps32(ours(x), judge(f64::from(x))), x))
            .max_by_key(|(ulps, _)| *ulps)
            .unwrap();
        assert!(worst.0 <= bound, "{name}({:e}): {} ULP, claimed {bound}", worst.1, worst.0);
    }
}

/// A prime stride visits all exponents and signs; every float is the named check below.
#[test]
fn float32_within_the_stated_bounds() {
    check32(&CLAIMS, &(0..=u32::MAX).step_by(9973));
}

/// Every one of the 2³² floats, for tanh, exp and ln: `cargo test --release -p neuronlab --test library elementary -- --ignored`, in CI.
#[test]
#[ignore = "minutes; CI runs it in release"]
fn every_float32_within_the_stated_bounds() {
    std::thread::scope(|scope| {
        scope.spawn(|| check32(&CLAIMS[..3], &(0..=u32::MAX / 2)));
        scope.spawn(|| check32(&CLAIMS[..3], &(u32::MAX / 2 + 1..=u32::MAX)));
    });
}

/// The function and the bound that its documentation states.
type Claim64 = (&'static str, fn(f64) -> f64, u64);

/// Against values that mpmath computed to 60 digits and rounded.
#[test]
fn float64_within_the_stated_bounds() {
    let golden = crate::common::golden("elementary.json");
    let claims: [Claim64; 6] = [
        ("tanh", <f64 as Scalar>::tanh, 2),
        ("exp", <f64 as Scalar>::exp, 1),
        ("erf", <f64 as Scalar>::erf, 3),
        ("exp_m1", <f64 as Scalar>::exp_m1, 2),
        ("ln_1p", <f64 as Scalar>::ln_1p, 2),
        ("ln", <f64 as Scalar>::ln, 1),
    ];
    for (name, ours, bound) in claims {
        let points = golden[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (crate::common::number(&p[0]), crate::common::number(&p[1])));
        let worst = points.map(|(x, exact)| (ulps64(ours(x), exact), x)).max_by_key(|(ulps, _)| *ulps).unwrap();
        assert!(worst.0 <= bound, "{name}({:e}): {} ULP, claimed {bound}", worst.1, worst.0);
    }
}

#[test]
fn the_ends_of_the_range() {
    let inf = f32::INFINITY;
    let tanh = [(0.0, 0.0), (inf, 1.0), (-inf, -1.0), (20.0, 1.0), (-1e30, -1.0), (1e-40, 1e-40)];
    for (x, y) in tanh {
        assert_eq!(Scalar::tanh(x), y, "tanh({x})");
    }
    assert!(Scalar::tanh(-0.0f32).is_sign_negative());
    let exp = [(0.0, 1.0), (inf, inf), (-inf, 0.0), (89.0, inf), (-104.0, 0.0)];
    for (x, y) in exp {
        assert_eq!(Scalar::exp(x), y, "exp({x})");
    }
    let ln = [(0.0, -inf), (1.0, 0.0), (inf, inf)];
    for (x, y) in ln {
        assert_eq!(Scalar::ln(x), y, "ln({x})");
    }
    let nan = [Scalar::tanh(f32::NAN), Scalar::exp(f32::NAN), Scalar::ln(f32::NAN), Scalar::ln(-1.0f32)];
    assert!(nan.iter().all(|v| v.is_nan()), "{nan:?}");
    let nan = [Scalar::tanh(f64::NAN), Scalar::exp(f64::NAN), Scalar::ln(f64::NAN), Scalar::ln(-1.0f64)];
    assert!(nan.iter().all(|v| v.is_nan()), "{nan:?}");
}

/// Odd to the bit, and never outside of [−1, 1]: what "the answer at (0, 0) is 0" rests on.
#[test]
fn tanh_is_odd_and_bounded() {
    for bits in (0..f32::INFINITY.to_bits()).step_by(99_991) {
        let x = f32::from_bits(bits);
        assert_eq!(Scalar::tanh(-x).to_bits(), (-Scalar::tanh(x)).to_bits(), "{x}");
        assert!(Scalar::tanh(x) <= 1.0, "{x}");
    }
}
