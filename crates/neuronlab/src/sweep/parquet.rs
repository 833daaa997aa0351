//! `runs.parquet`: the rows of `runs.csv` in columns with types, for notebooks and data frames (feature `parquet`).

use super::{Outcome, Sweep, SweepFolder};
use crate::error::{Error, Result};
use parquet::basic::{ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result as ParquetResult;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use std::io::Write;
use std::sync::Arc;

/// Runs in a row group, which are in memory together.
const GROUP: usize = 65_536;

/// The values of an axis: numbers where all are, else words.
enum AxisColumn {
    Numbers(Vec<f64>),
    Words(Vec<ByteArray>),
}

/// The columns of an axis have a value a cell.
fn axis_columns(sweep: &Sweep) -> Vec<AxisColumn> {
    let cells: Vec<Vec<String>> = (0..sweep.cells()).map(|cell| sweep.cell(cell)).collect();
    let column = |axis: usize| {
        let words = || cells.iter().map(move |values| &values[axis]);
        let numbers: Option<Vec<f64>> = words().map(|value| value.parse().ok()).collect();
        numbers.map_or_else(
            || AxisColumn::Words(words().map(|w| ByteArray::from(w.as_str())).collect()),
            AxisColumn::Numbers,
        )
    };
    (0..sweep.axes().len()).map(column).collect()
}

/// Names and types, in the order of `runs.csv`; with the run's seeds, which there follow from `offset`.
fn schema(sweep: &Sweep, axes: &[AxisColumn]) -> ParquetResult<Type> {
    let field = |name: &str,
                 physical: Physical,
                 repetition: Repetition,
                 converted: ConvertedType|
     -> ParquetResult<Arc<Type>> {
        let builder = Type::primitive_type_builder(name, physical);
        Ok(Arc::new(builder.with_repetition(repetition).with_converted_type(converted).build()?))
    };
    let (required, optional, none) = (Repetition::REQUIRED, Repetition::OPTIONAL, ConvertedType::NONE);
    let whole = |name: &str| field(name, Physical::INT64, required, ConvertedType::UINT_64);
    let maybe = |name: &str| field(name, Physical::INT64, optional, ConvertedType::UINT_64);
    let mut fields = vec![whole("run")?, whole("cell")?, whole("offset")?];
    for (axis, column) in sweep.axes().iter().zip(axes) {
        fields.push(match column {
            AxisColumn::Numbers(_) => field(axis.field(), Physical::DOUBLE, required, none)?,
            AxisColumn::Words(_) => field(axis.field(), Physical::BYTE_ARRAY, required, ConvertedType::UTF8)?,
        });
    }
    fields.push(field("right", Physical::BOOLEAN, required, none)?);
    fields.push(field("close", Physical::BOOLEAN, required, none)?);
    fields.push(field("error", Physical::DOUBLE, optional, none)?);
    fields.extend([whole("epochs")?, maybe("solved")?, maybe("diverged")?, whole("weights")?]);
    Type::group_type_builder("runs").with_fields(fields).build()
}

/// Runs, one behind the other.
struct Group<'s> {
    sweep: &'s Sweep,
    axes: Vec<AxisColumn>,
    rows: Vec<(u64, Outcome)>,
}

impl Group<'_> {
    /// Writes the rows as one group and forgets them.
    fn flush<W: Write + Send>(&mut self, writer: &mut SerializedFileWriter<W>) -> ParquetResult<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut group = writer.next_row_group()?;
        let (rows, runs) = (&self.rows, self.sweep.runs());
        whole(&mut group, rows.iter().map(|(run, _)| *run))?;
        whole(&mut group, rows.iter().map(|(run, _)| run / runs))?;
        whole(&mut group, rows.iter().map(|(run, _)| run % runs))?;
        let cells = || rows.iter().map(|(run, _)| (run / runs) as usize);
        for axis in &self.axes {
            let mut column = group.next_column()?.expect("a column for each field");
            match axis {
                AxisColumn::Numbers(n) => {
                    let values: Vec<f64> = cells().map(|cell| n[cell]).collect();
                    column.typed::<DoubleType>().write_batch(&values, None, None)?;
                }
                AxisColumn::Words(words) => {
                    let values: Vec<ByteArray> = cells().map(|cell| words[cell].clone()).collect();
                    column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
                }
            }
            column.close()?;
        }
        flags(&mut group, rows.iter().map(|(_, o)| o.right))?;
        flags(&mut group, rows.iter().map(|(_, o)| o.close))?;
        let (levels, errors) = split(rows.iter().map(|(_, o)| o.error));
        let mut column = group.next_column()?.expect("a column for each field");
        column.typed::<DoubleType>().write_batch(&errors, Some(&levels), None)?;
        column.close()?;
        whole(&mut group, rows.iter().map(|(_, o)| o.epochs))?;
        maybe(&mut group, rows.iter().map(|(_, o)| o.solved))?;
        maybe(&mut group, rows.iter().map(|(_, o)| o.diverged))?;
        whole(&mut group, rows.iter().map(|(_, o)| o.weights))?;
        group.close()?;
        self.rows.clear();
        Ok(())
    }
}

fn flags<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = bool>,
) -> ParquetResult<()> {
    let mut column = group.next_column()?.expect("a column for each field");
    column.typed::<BoolType>().write_batch(&values.collect::<Vec<_>>(), None, None)?;
    column.close()
}

fn whole<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = u64>,
) -> ParquetResult<()> {
    let mut column = group.next_column()?.expect("a column for each field");
    column.typed::<Int64Type>().write_batch(&values.map(u64::cast_signed).collect::<Vec<_>>(), None, None)?;
    column.close()
}

fn maybe<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = Option<u64>>,
) -> ParquetResult<()> {
    let (levels, values) = split(values.map(|value| value.map(u64::cast_signed)));
    let mut column = group.next_column()?.expect("a column for each field");
    column.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

/// Which rows have a value, and the values.
fn split<T>(values: impl Iterator<Item = Option<T>>) -> (Vec<i16>, Vec<T>) {
    let (mut levels, mut there) = (vec![], vec![]);
    for value in values {
        levels.push(i16::from(value.is_some()));
        there.extend(value);
    }
    (levels, there)
}

impl SweepFolder {
    /// The rows of `runs.csv` as Parquet.
    pub const PARQUET: &'static str = "runs.parquet";

    /// Writes `runs.parquet` from the `runs.csv` of a whole sweep; in memory is one row group of 65,536 runs. The same sweep gives
    /// the same bytes.
    ///
    /// # Errors
    /// The sweep is not whole, or keeps no runs; the disk is full.
    pub fn write_parquet(&self) -> Result<()> {
        if !self.sweep().keeps_runs() {
            let got = "a sweep that keeps no runs (--no-runs)";
            return Err(Error::file(&self.path(Self::RUNS), "the rows of runs", got));
        }
        let path = self.path(Self::PARQUET);
        let failed = |e: parquet::errors::ParquetError| {
            let source = match e {
                parquet::errors::ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
                    Ok(error) => *error,
                    Err(other) => std::io::Error::other(other),
                },
                other => std::io::Error::other(other),
            };
            Error::Io { action: "write", path: path.clone(), source }
        };
        let axes = axis_columns(self.sweep());
        let schema = Arc::new(schema(self.sweep(), &axes).map_err(failed)?);
        self.write_with(Self::PARQUET, |out| {
            let properties = WriterProperties::builder().set_created_by("neuronlab".into()).build();
            let mut writer = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(failed)?;
            let mut group = Group { sweep: self.sweep(), axes, rows: vec![] };
            let mut outcome = Ok(());
            self.each_run(|run, kept| {
                group.rows.push((run, kept));
                if group.rows.len() == GROUP && outcome.is_ok() {
                    outcome = group.flush(&mut writer);
                }
            })?;
            outcome.and_then(|()| group.flush(&mut writer)).map_err(failed)?;
            writer.close().map_err(failed)?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use crate::sweep::Options;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    use std::ops::ControlFlow;

    /// Read with the crate's own reader, it is what `runs.csv` says.
    #[test]
    fn it_holds_what_the_table_holds() {
        let place = tempfile::tempdir().unwrap();
        let vary = ["optimizer.lr=0.02,3e38".to_string(), "init=zeros,normal".to_string()];
        let short = Experiment::built_in("xor").unwrap().with(&["stop.epochs=20".into()]).unwrap();
        let sweep = Sweep::new(short, &vary, 50, None, true).unwrap();
        let folder = SweepFolder::create(&place.path().join("s"), sweep, false).unwrap();
        let options = Options::default();
        folder.train(&folder.missing(&options).unwrap(), &options, &|_| ControlFlow::Continue(())).unwrap();
        folder.finish(|_| vec![]).unwrap();
        folder.write_parquet().unwrap();

        let file = std::fs::File::open(folder.path(SweepFolder::PARQUET)).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        let mut diverged = 0;
        let mut runs = 0;
        folder
            .each_run(|run, outcome| {
                let row = &rows[run as usize];
                let value = |name: &str| row.get_column_iter().find(|(n, _)| *n == name).unwrap().1.clone();
                let cell = folder.sweep().cell((run / 50) as usize);
                assert_eq!(value("run"), Field::ULong(run));
                assert_eq!(value("optimizer.lr"), Field::Double(cell[0].parse().unwrap()));
                assert_eq!(value("init"), Field::Str(cell[1].clone()));
                assert_eq!(value("right"), Field::Bool(outcome.right));
                assert_eq!(value("error"), outcome.error.map_or(Field::Null, Field::Double));
                assert_eq!(value("diverged"), outcome.diverged.map_or(Field::Null, Field::ULong));
                assert_eq!(value("weights"), Field::ULong(outcome.weights));
                diverged += usize::from(outcome.diverged.is_some());
                runs += 1;
            })
            .unwrap();
        assert_eq!((rows.len(), runs), (200, 200));
        assert!(diverged > 0 && diverged < 200);
    }
}
