/* The subcommands: one file and one function each; gateway/main.c holds their table. */
#pragma once

/* SPEC 7: what a command returns. */
enum { EXIT_DONE = 0, EXIT_ATTENTION = 1, EXIT_USAGE = 2, EXIT_TEMPORARY = 75 };

/* A command: argv[0] is its own name, argv[argc] is NULL. Parses its options with GOptionContext (so --help
 * comes by itself), prints results on standard output and messages on standard error, returns one of the exit
 * codes above. */
typedef int (*CommandRun)(int argc, char **argv);

/* SPEC 7; parse also 3.4 */
int command_announce(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_check(int argc, char **argv);
int command_cluster(int argc, char **argv);
int command_dossier(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_export(int argc, char **argv);
int command_handover(int argc, char **argv);
int command_ingest(int argc, char **argv);
int command_labels(int argc, char **argv);
int command_letters(int argc, char **argv);
int command_orgs(int argc, char **argv);
int command_outbox(int argc, char **argv);
int command_parse(int argc, char **argv);
int command_poll(int argc, char **argv);
int command_questions(int argc, char **argv);
int command_release(int argc, char **argv);
int command_remind(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_review(int argc, char **argv);
int command_roles(int argc, char **argv);
int command_rota(int argc, char **argv);
int command_run(int argc, char **argv);
int command_scores(int argc, char **argv);
int command_simulate(int argc, char **argv);
int command_site(int argc, char **argv);
int command_status(int argc, char **argv);
int command_summary(int argc, char **argv);
int command_verify(int argc, char **argv);
