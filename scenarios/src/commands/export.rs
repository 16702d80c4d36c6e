//! `pluriverse export`: the stored replies of a run, canonically.

use std::io::{BufWriter, ErrorKind, Write};

use pluriverse_engine::replies::export;

use super::Exit;
use super::cli::ExportArgs;
use super::output::complain;
use super::published::export_shape;

/// Carries the command out.
pub fn execute(args: &ExportArgs) -> Exit {
    if let Some(shape) = args.shape {
        return export_shape(args, shape);
    }
    let mut out = BufWriter::new(UntilNobodyReads(std::io::stdout().lock()));
    match export(&args.run, &mut out) {
        Ok(()) => Exit::Done,
        Err(error) => {
            complain(&format!("error: {error}"));
            Exit::Mistake
        }
    }
}

/// A reader that goes away (`| head`) is no error.
struct UntilNobodyReads<W>(W);

impl<W: Write> Write for UntilNobodyReads<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}
