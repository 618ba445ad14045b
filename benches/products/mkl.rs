//! Intel's Math Kernel Library, loaded when the program runs, on one thread.

use std::error::Error;
use std::ffi::{c_char, c_int};

use libloading::{Library, Symbol};
use softac::workload::{ProductOperands, ProductShape, Transposed};

/// The environment variable with the library's path.
pub const PATH: &str = "SOFTAC_MKL";

// Numbers of MKL's headers.
const ROW_MAJOR: c_int = 101;
const AS_IT_IS: c_int = 111;
const TRANSPOSED: c_int = 112;
const INTERFACE_LP64: c_int = 0;
const THREADING_SEQUENTIAL: c_int = 1;

/// `cblas_sgemm`: order, transpositions of A and B, M, N, K, α, A, its stride, B, its stride, β, C, its stride
type Sgemm = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    f32,
    *const f32,
    c_int,
    *const f32,
    c_int,
    f32,
    *mut f32,
    c_int,
);

/// `cblas_sgemv`: order, transposition, rows, columns, α, A, its stride, x, its step, β, y, its step
type Sgemv = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    c_int,
    f32,
    *const f32,
    c_int,
    *const f32,
    c_int,
    f32,
    *mut f32,
    c_int,
);

/// The library's functions. It stays loaded to the end of the process.
pub struct Mkl {
    sgemm: Symbol<'static, Sgemm>,
    sgemv: Symbol<'static, Sgemv>,
    version: String,
}

impl Mkl {
    /// The library that the environment names, if any.
    pub fn from_environment() -> Result<Option<Self>, String> {
        let Some(path) = std::env::var_os(PATH).filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        // SAFETY: whoever sets the variable vouches that it names MKL: that loading it is harmless, and that its functions
        // have the signatures of MKL's documentation.
        let mkl = unsafe { Library::new(&path).and_then(|library| Self::load(library)) };
        mkl.map(Some).map_err(|error| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("{PATH}={}: cannot load this as Intel MKL: {error}{cause}", path.display())
        })
    }

    /// # Safety
    /// The library is MKL.
    unsafe fn load(library: Library) -> Result<Self, libloading::Error> {
        let library: &'static Library = Box::leak(Box::new(library));
        // SAFETY: the signatures are those of MKL, and the buffer has the length that is given.
        unsafe {
            let set = |name: &str, value| {
                library
                    .get::<unsafe extern "C" fn(c_int) -> c_int>(name)
                    .map(|function| function(value))
            };
            // Both come before any other call.
            set("MKL_Set_Interface_Layer", INTERFACE_LP64)?;
            set("MKL_Set_Threading_Layer", THREADING_SEQUENTIAL)?;
            library.get::<unsafe extern "C" fn(c_int)>("MKL_Set_Num_Threads")?(1);
            let mut text = [0_u8; 200];
            let version = library
                .get::<unsafe extern "C" fn(*mut c_char, c_int)>("MKL_Get_Version_String")?;
            version(text.as_mut_ptr().cast(), text.len() as c_int);
            let version = String::from_utf8_lossy(&text);
            Ok(Self {
                sgemm: library.get("cblas_sgemm")?,
                sgemv: library.get("cblas_sgemv")?,
                version: version.trim_matches(['\0', ' ']).into(),
            })
        }
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn compute(&self, operands: ProductOperands<'_, f32>) {
        let ProductOperands { shape, left, right, result } = operands;
        let ProductShape { m, k, n, transposed } = shape;
        assert!(left.len() == m * k && right.len() == k * n && result.len() == m * n);
        let [m, k, n] = [m, k, n].map(|size| c_int::try_from(size).expect("a small matrix"));
        let (a, a_stride) =
            if transposed == Transposed::Left { (TRANSPOSED, m) } else { (AS_IT_IS, k) };
        let (b, b_stride) =
            if transposed == Transposed::Right { (TRANSPOSED, k) } else { (AS_IT_IS, n) };
        let (left, right, result) = (left.as_ptr(), right.as_ptr(), result.as_mut_ptr());
        // SAFETY: the three matrices fill their slices exactly, with these strides; the vectors are whole matrices.
        unsafe {
            if n == 1 {
                let [rows, columns] = if a == TRANSPOSED { [k, m] } else { [m, k] };
                let sgemv = &self.sgemv;
                sgemv(ROW_MAJOR, a, rows, columns, 1.0, left, a_stride, right, 1, 0.0, result, 1);
            } else if m == 1 {
                // Cᵀ = Bᵀ Aᵀ
                let ([rows, columns], turned) =
                    if b == TRANSPOSED { ([n, k], AS_IT_IS) } else { ([k, n], TRANSPOSED) };
                let sgemv = &self.sgemv;
                sgemv(
                    ROW_MAJOR, turned, rows, columns, 1.0, right, b_stride, left, 1, 0.0, result, 1,
                );
            } else {
                let sgemm = &self.sgemm;
                sgemm(
                    ROW_MAJOR, a, b, m, n, k, 1.0, left, a_stride, right, b_stride, 0.0, result, n,
                );
            }
        }
    }
}
