version 1.1

task fold {
  input {
    String line
  }
  command <<<
    echo '~{line}' | tr A-Z a-z
  >>>
  output {
    String folded = read_string(stdout())
  }
  runtime {
    docker: "ubuntu:22.04"
  }
}
