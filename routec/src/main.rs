//! The binary: all that it does is in the library.

fn main() -> std::process::ExitCode {
    routec::main()
}
