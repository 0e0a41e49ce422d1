version 1.1

import "lib/text.wdl" as text

struct Note {
  String id
  String ward
  String text
  String? author
}

task label {
  input {
    Note note
    Int limit = 400
  }
  command <<<
    ask --ward '~{note.ward}' --author '~{select_first([note.author, "nobody"])}' --limit ~{limit} '~{note.text}' > label.txt
  >>>
  output {
    String kind = read_string("label.txt")
    Boolean urgent = kind == "admission"
    Int size = length([note.text])
  }
  runtime {
    docker: "ubuntu:22.04"
    maxRetries: 3
  }
}

task digest {
  input {
    String ward
    Array[Note] notes
  }
  File listed = write_json(notes)
  command <<<
    summarise --ward '~{ward}' ~{listed} > digest.txt
  >>>
  output {
    String short = read_string("digest.txt")
  }
  runtime {
    docker: "ubuntu:22.04"
  }
}

workflow main {
  input {
    Array[Note] notes
    Int limit = 400
  }
  scatter (note in notes) {
    call label { input: note = note, limit = limit }
    call text.fold { input: line = note.text }
    if (label.urgent && label.size > 0) {
      String found = note.id
    }
  }
  call digest as whole { input: ward = "all", notes = notes }
  output {
    Array[String] kinds = label.kind
    Array[String] folded = fold.folded
    Array[String] urgents = select_all(found)
    String short = whole.short
  }
}
