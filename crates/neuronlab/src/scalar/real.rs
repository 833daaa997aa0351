//! `f32` and `f64` as [`Scalar`].

use super::dispatch::{self, Work};
use super::{Dtype, Real, Scalar, Tables, sealed::Sealed};

/// The two plain types differ in widths and coefficients only.
macro_rules! plain {
    ($float:ident, $bits:ident, $dtype:ident, [$avx512:ident, $avx2:ident, $neon:ident], mantissa: $mantissa:literal, bias: $bias:literal, $tables:expr) => {
        impl Sealed for $float {}

        impl Scalar for $float {
            type Element = $float;
            type Mask = bool;
            const LANES: usize = 1;

            #[inline(always)]
            fn call<W: Work>(work: W) -> W::Output {
                dispatch::fused(work)
            }
            #[inline(always)]
            fn constant(value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn load(values: &[Self]) -> Self {
                values[0]
            }
            #[inline(always)]
            fn store(self, values: &mut [Self]) {
                values[0] = self;
            }
            #[inline(always)]
            fn pick(table: &[Self], index: &[u32]) -> Self {
                table[(index[0] as usize).min(table.len() - 1)]
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                $float::mul_add(self, factor, addend)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $float::abs(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $float::sqrt(self)
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                $float::copysign(self, sign)
            }
            #[inline(always)]
            fn lt(self, other: Self) -> bool {
                self < other
            }
            #[inline(always)]
            fn select(mask: bool, yes: Self, no: Self) -> Self {
                if mask { yes } else { no }
            }
            #[inline(always)]
            fn round_pow2(self, factor: f64) -> (Self, Self) {
                // Added to 1.5·2ᵐ, a number is rounded to a whole one, which then stands in the low bits; with the bias of an
                // exponent, and 1 more.
                const MAGIC: $float = (((3u64 << $mantissa) >> 1) + $bias + 1) as $float;
                let shifted = self.mul_add(factor as $float, MAGIC);
                (shifted - MAGIC, $float::from_bits(shifted.to_bits() << $mantissa))
            }
            #[inline(always)]
            fn split_exponent(self) -> (Self, Self) {
                // Counting exponents from √½ instead of from 1 puts m between √½ and √2.
                let from = std::$float::consts::FRAC_1_SQRT_2.to_bits();
                let above = self.to_bits().wrapping_sub(from);
                let e = (above as <$float as Bits>::Signed) >> $mantissa;
                let m = (above & ((1 << $mantissa) - 1)).wrapping_add(from);
                ($float::from_bits(m), e as $float)
            }
        }

        impl Real for $float {
            const DTYPE: Dtype = Dtype::$dtype;
            const TABLES: Tables = $tables;
            type Avx512 = dispatch::$avx512;
            type Avx2 = dispatch::$avx2;
            type Neon = dispatch::$neon;

            fn to_f64(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $float::is_finite(self)
            }
            fn to_bytes(self) -> Vec<u8> {
                self.to_le_bytes().to_vec()
            }
            fn from_bytes(bytes: &[u8]) -> Self {
                $float::from_le_bytes(bytes.try_into().expect("as many bytes as the number has"))
            }
        }
    };
}

/// The signed integer as wide as a float.
trait Bits {
    type Signed;
}
impl Bits for f32 {
    type Signed = i32;
}
impl Bits for f64 {
    type Signed = i64;
}

plain!(f32, u32, Float32, [F32x16, F32x8, F32x4], mantissa: 23, bias: 127, Tables {
    ln2: (0.693_145_751_953_125, 1.428_606_820_309_417_2e-6),
    expm1: &[
        0.500_000_001_349_817_8,
        0.166_666_666_816_591_8,
        0.041_666_464_602_026_54,
        0.008_333_310_889_582_077,
        0.001_393_368_586_261_717_4,
        0.000_198_910_306_543_703_28,
    ],
    ln: &[
        0.666_666_665_540_420_1,
        0.400_001_222_118_106_5,
        0.285_507_786_331_919_65,
        0.233_316_144_718_434_99,
    ],
    half_exp: &[
        0.5,
        1.000_000_037_829_614_6,
        1.000_000_009_451_879_5,
        0.666_656_600_451_602_4,
        0.333_330_818_144_660_2,
        0.134_002_692_623_267_22,
        0.044_611_714_412_241_5,
    ],
    tanh: &[
        3.000_000_038_099_454,
        1.199_998_494_471_668_2,
        -0.005_704_939_304_406_877,
        0.000_235_211_979_445_345_07,
    ],
    erf_near: &[
        0.128_379_165_840_061_87,
        -0.376_126_265_976_830_5,
        0.112_835_938_005_972_23,
        -0.026_854_168_335_587_104,
        0.005_188_994_224_217_016,
        -0.000_801_595_618_970_626_5,
        7.872_582_762_234_845e-05,
    ],
    erf_far: &[
        0.255_395_676_357_017_1,
        -0.427_185_870_100_545_8,
        0.241_658_167_080_076_45,
        -0.078_977_150_795_403_77,
        0.003_733_606_780_127_14,
        0.006_973_542_284_184_829,
        -0.000_846_764_050_648_996_5,
        -0.000_846_860_886_638_071_3,
    ],
    exp_range: (89.5, -104.5),
    tanh_one: 9.02,
    least: 1.401_298_464_324_817e-45,
    subnormal: (f32::MIN_POSITIVE as f64, 33_554_432.0, 25.0),
});

plain!(f64, u64, Float64, [F64x8, F64x4, F64x2], mantissa: 52, bias: 1023, Tables {
    ln2: (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10),
    expm1: &[
        0.5,
        0.166_666_666_666_666_7,
        0.041_666_666_666_666_67,
        0.008_333_333_333_326_112,
        0.001_388_888_888_888_373_2,
        0.000_198_412_698_749_012_6,
        0.000_024_801_587_325_605_323,
        2.755_725_529_796_964_4e-6,
        2.755_727_357_010_214e-7,
        2.510_525_953_844_849_3e-8,
        2.091_471_734_171_637_6e-9,
    ],
    ln: &[
        0.666_666_666_666_666_7,
        0.400_000_000_000_008_83,
        0.285_714_285_707_997_85,
        0.222_222_223_925_810_45,
        0.181_817_955_475_212_36,
        0.153_862_447_376_216_66,
        0.132_686_383_692_668_24,
        0.130_880_348_509_275_54,
    ],
    half_exp: &[
        0.5,
        1.0,
        1.000_000_000_000_003_8,
        0.666_666_666_666_667_2,
        0.333_333_333_331_899,
        0.133_333_333_333_112_73,
        0.044_444_444_648_017_3,
        0.012_698_412_729_723_971,
        0.003_174_590_115_631_368,
        0.000_705_465_363_500_525,
        0.000_141_479_501_166_757_15,
        2.571_273_790_657_150_6e-05,
    ],
    tanh: &[
        3.0,
        1.199_999_999_999_999_3,
        -0.005_714_285_714_262_889,
        0.000_253_968_253_678_531_93,
        -1.220_366_750_168_098_5e-05,
        5.987_596_996_859_902e-07,
        -2.955_114_944_364_418_6e-08,
        1.445_468_415_536_974_3e-09,
        -6.061_407_729_180_279e-11,
    ],
    erf_near: &[
        0.128_379_167_095_512_56,
        -0.376_126_389_031_837_5,
        0.112_837_916_709_548_76,
        -0.026_866_170_645_076_27,
        0.005_223_977_624_812_638,
        -0.000_854_832_698_050_941_3,
        0.000_120_553_310_992_797_98,
        -1.492_559_495_759_602_6e-05,
        1.646_099_533_819_541_1e-06,
        -1.635_025_627_869_649_7e-07,
        1.465_938_382_134_006_8e-08,
        -1.137_129_183_104_795_4e-09,
        5.954_471_583_153_482e-11,
    ],
    erf_far: &[
        0.255_395_676_310_505_75,
        -0.427_185_847_413_958_5,
        0.241_658_194_242_465_85,
        -0.078_978_581_015_706_11,
        0.003_732_892_404_397_833_6,
        0.006_997_461_736_971_578,
        -0.000_847_143_252_991_95,
        -0.000_981_976_941_103_864_2,
        4.355_558_686_575_482e-05,
        0.000_174_359_474_002_051_57,
        2.752_717_555_722_724_6e-05,
        -2.756_220_916_112_935_3e-05,
        -1.399_828_377_278_497_6e-05,
        1.305_857_712_227_801_7e-06,
        4.011_749_647_325_067e-06,
        1.272_567_661_840_228e-06,
        -1.135_257_147_727_362_7e-06,
    ],
    exp_range: (710.5, -746.0),
    tanh_one: 19.1,
    least: 5e-324,
    subnormal: (f64::MIN_POSITIVE, 18_014_398_509_481_984.0, 54.0),
});
