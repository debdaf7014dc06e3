/// The release of Apus, written down here only.
let apusVersion = "0.1.0"
