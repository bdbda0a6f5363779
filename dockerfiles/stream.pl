# For stream.sh: what comes from the standard input goes to the server, and what comes from there to
# the standard output. The end of one passes on as such; so does a reader that takes nothing for a
# while.
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use Fcntl;
use Socket;

# A server that is just being started will listen soon.
my $server;
my $tries = 0;
while (1) {
    socket($server, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
    last if connect($server, sockaddr_in(5432, INADDR_LOOPBACK));
    die "$!\n" if ++$tries >= 100;
    select(undef, undef, undef, 0.01);
}
setsockopt($server, Socket::IPPROTO_TCP(), Socket::TCP_NODELAY(), 1);
for my $end ($server, \*STDOUT) {
    fcntl($end, F_SETFL, fcntl($end, F_GETFL, 0) | O_NONBLOCK);
}
$SIG{PIPE} = 'IGNORE';

my @pipes = map { { from => $_->[0], to => $_->[1], held => '', ended => 0 } }
    ([\*STDIN, $server], [$server, \*STDOUT]);
while (1) {
    my ($readable, $writable) = ('', '');
    for my $pipe (@pipes) {
        vec($readable, fileno($pipe->{from}), 1) = 1 if !$pipe->{ended} && length($pipe->{held}) < 65536;
        vec($writable, fileno($pipe->{to}), 1) = 1 if length($pipe->{held});
    }
    select($readable, $writable, undef, undef) >= 0 or $!{EINTR} or die "select: $!\n";
    for my $pipe (@pipes) {
        if (vec($readable, fileno($pipe->{from}), 1)) {
            my $read = sysread($pipe->{from}, $pipe->{held}, 65536, length($pipe->{held}));
            $pipe->{ended} = 1 if defined($read) ? $read == 0 : !($!{EAGAIN} || $!{EINTR});
        }
        if (length($pipe->{held})) {
            my $written = syswrite($pipe->{to}, $pipe->{held});
            if (defined $written) { substr($pipe->{held}, 0, $written) = '' }
            elsif (!($!{EAGAIN} || $!{EINTR})) { exit 0 }
        }
        next if $pipe->{ended} != 1 || length($pipe->{held});
        exit 0 if $pipe->{from} == $server;
        shutdown($server, 1);
        $pipe->{ended} = 2;
    }
}
